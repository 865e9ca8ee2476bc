using System;
using System.Net;
using System.Threading.Tasks;

namespace ExchangeLb.Core.Runtime;

/// <summary>
/// Established sessions that go to another node as they are, both TCP connections included. They are named by the address that their clients came
/// to, a VIP; their servers' side is bound to it, too. Any thread. At the node that gives: <see cref="FreezeAsync"/>, then either
/// <see cref="Resume"/> or <see cref="Forget"/>. At the node that takes: <see cref="Adopt"/> for each, then either <see cref="Run"/> or <see cref="Drop"/>.
/// </summary>
public interface IMovableSessions
{
    /// <summary>Why this host can't do it (kernel, capability); null: it can.</summary>
    string? Lack { get; }

    /// <summary>Sessions of the address now: those that could be moved, and some more.</summary>
    int Count(IPAddress address);

    /// <summary>
    /// Stops all sessions of the address, on all loops, and describes each. To be called while the kernel lets no packet of the address in or out: what
    /// arrives between two reads of a connection's state would tear it.
    /// </summary>
    /// <param name="ship">Called with one image at a time (200 bytes and what bytes are in the session's hands, up to some MiB), on loops' threads, by several at once.</param>
    Task<FrozenSessions> FreezeAsync(IPAddress address, Action<ReadOnlyMemory<byte>> ship);

    /// <summary>Frozen sessions go on here. Packets must pass again.</summary>
    void Resume(IPAddress address);

    /// <summary>Frozen sessions have gone to another node: they end here without a packet, a log line or a count.</summary>
    void Forget(IPAddress address);

    /// <summary>Makes a session of an image, with sockets that send nothing and count nowhere until <see cref="Run"/>.</summary>
    /// <returns>Null, or why it can't be taken: damage, an unknown proxy, a limit, the kernel's refusal.</returns>
    string? Adopt(IPAddress address, ReadOnlySpan<byte> image);

    /// <summary>Adopted sessions go on here. Packets of the address must pass, and the address be set.</summary>
    /// <returns>How many.</returns>
    int Run(IPAddress address);

    /// <summary>Adopted sessions never were: their sockets are closed without a packet.</summary>
    void Drop(IPAddress address);
}

/// <param name="Shipped">Described, and now frozen.</param>
/// <param name="Left">Of the address, but not to be moved (their server's side has another address, or the kernel has nothing to describe): they end with the hand-over.</param>
/// <param name="Bytes">Of all images.</param>
public readonly record struct FrozenSessions(int Shipped, int Left, long Bytes);
