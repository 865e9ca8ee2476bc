using System;
using System.Collections.Generic;
using System.Net;
using System.Threading.Tasks;

namespace ExchangeLb.Core.Runtime;

/// <summary>
/// Established sessions that go to another node as they are, both TCP connections included. They are named by the address that their clients came
/// to, a VIP; their servers' side is bound to it, too. Any thread. At the node that gives: <see cref="TellAsync"/>, <see cref="FreezeAsync"/>, then either
/// <see cref="Resume"/> or <see cref="Forget"/>. At the node that takes: <see cref="AdoptTold"/> for what was told ahead, of which <see cref="Keep"/> names
/// those that still are so; <see cref="Adopt"/> for each other; <see cref="Settle"/>; then either <see cref="Run"/> or <see cref="Drop"/>.
/// </summary>
public interface IMovableSessions
{
    /// <summary>Bytes that may wait in the hands of all sessions of one address that move together: unread, unsent, not acknowledged. What is beyond stays behind.</summary>
    const long BytesMax = 448L * 1024 * 1024;

    /// <summary>The same of one session.</summary>
    const int SessionBytesMax = 31 * 1024 * 1024;

    /// <summary>Why this host can't do it (kernel, capability); null: it can.</summary>
    string? Lack { get; }

    /// <summary>Sessions of the address now, and clients who wait for a place (`maxconn`): those that could be moved, and some more.</summary>
    int Count(IPAddress address);

    /// <summary>
    /// Describes the quiet sessions of the address while they go on, on all loops, so that the other node can make their sockets before anything is frozen.
    /// Ends early when <see cref="FreezeAsync"/>, <see cref="Resume"/> or <see cref="Forget"/> comes.
    /// </summary>
    /// <param name="told">As in <see cref="FreezeAsync"/>.</param>
    /// <returns>What waits in the hands of the others, about: it has to move in the freeze.</returns>
    Task<BytesInHand> TellAsync(IPAddress address, ShipSession told);

    /// <summary>
    /// Accepts who waits at the address; stops all its sessions, on all loops, and describes each that is not exactly as the last <see cref="TellAsync"/> told. To be called while the kernel lets no packet of the address in or out: what
    /// arrives between two reads of a connection's state would tear it.
    /// </summary>
    /// <param name="waiting">All who wait are accepted, also beyond `maxconn`, and move in line; false: as many as there are places for, for the other node knows no line.</param>
    /// <param name="ship">Called with one image at a time (200 bytes and what bytes are in the session's hands, up to some MiB), on loops' threads, by several at once.</param>
    /// <param name="asTold">Of these it is true what was told. Called like the other.</param>
    /// <returns>What follows it runs on a loop: it must be short, and wait for nothing.</returns>
    Task<FrozenSessions> FreezeAsync(IPAddress address, bool waiting, ShipSession ship, Action<ReadOnlyMemory<ulong>> asTold);

    /// <summary>What the last <see cref="FreezeAsync"/> described or named, once it is all at the other node; for <see cref="IRecordedSessions.KeepGiven"/>. A second call finds nothing.</summary>
    IReadOnlyList<GivenSession> TakeGiven(IPAddress address);

    /// <summary>Frozen sessions go on here. Packets must pass again.</summary>
    void Resume(IPAddress address);

    /// <summary>Frozen sessions have gone to another node: they end here without a packet, a log line or a count.</summary>
    void Forget(IPAddress address);

    /// <summary>Makes a session of an image, with sockets that send nothing and count nowhere until <see cref="Run"/>.</summary>
    /// <param name="id">If something was told of the same session before, it is true no more.</param>
    /// <returns>Null, or what is wrong with the image. One for which there is no room or no socket is missed alone: <see cref="Settle"/> tells of it, <see cref="Run"/> does not count it.</returns>
    string? Adopt(IPAddress address, ulong id, ReadOnlySpan<byte> image);

    /// <summary>The same of a session that goes on elsewhere meanwhile: it is not run unless <see cref="Keep"/> names it. What is in its way now may be gone by then.</summary>
    void AdoptTold(IPAddress address, ulong id, ReadOnlySpan<byte> image);

    /// <summary>These still are as they were told.</summary>
    /// <returns>Null, or what is wrong: one was not told, or its image is damaged. For others see <see cref="Adopt"/>.</returns>
    string? Keep(IPAddress address, ReadOnlySpan<ulong> ids);

    /// <summary>All have been named: what else was told is dropped.</summary>
    /// <returns>Those that were named and have no sockets here. <see cref="Run"/> resets them.</returns>
    MissedSessions Settle(IPAddress address);

    /// <summary>Adopted sessions go on here. Packets of the address must pass, and the address be set.</summary>
    /// <param name="ran">Called once, on any thread, when all go on in which something was on its way, and have sent what was in hand: what comes for them before is of no use to them.</param>
    /// <returns>How many.</returns>
    int Run(IPAddress address, Action ran);

    /// <summary>
    /// Whatever has to do with sessions goes before all other work of the host that is not real-time itself, until it is called off: clients wait meanwhile. Where the host does not
    /// allow it all goes on as before.
    /// </summary>
    void Hurry(bool on);

    /// <summary>Adopted sessions never were: their sockets are closed without a packet.</summary>
    void Drop(IPAddress address);
}

/// <summary>Bytes in the hands of sessions that could move: unread, unsent, not acknowledged.</summary>
/// <param name="Most">Of one of them.</param>
public readonly record struct BytesInHand(long All, long Most)
{
    /// <summary>Not all of it may be moved.</summary>
    public bool IsTooMuch => All > IMovableSessions.BytesMax || Most > IMovableSessions.SessionBytesMax;
}

/// <param name="Age">Since its image was made, at most.</param>
/// <param name="HadBytes">Its image is without the bytes that were in its hands.</param>
public readonly record struct GivenSession(ulong Session, ReadOnlyMemory<byte> Image, TimeSpan Age, bool HadBytes = false);

/// <param name="session">Names it, among all of this process' life. Never 0.</param>
public delegate void ShipSession(ulong session, ReadOnlyMemory<byte> image);

/// <param name="Shipped">Frozen, and described now or told ahead.</param>
/// <param name="Left">Of the address, but not to be moved (their server's side has another address, or the kernel has nothing to describe): they end with the hand-over.</param>
/// <param name="Bytes">Of all images that were made now.</param>
/// <param name="AsTold">So many of the shipped ones needed no new image.</param>
/// <param name="AreMore">Clients wait in the kernel's queues who could not be accepted for want of descriptors: these are lost if the address goes.</param>
/// <param name="AreTooLarge">Among those left are some of which more bytes wait than may be moved (<see cref="IMovableSessions.BytesMax"/>).</param>
public readonly record struct FrozenSessions(int Shipped, int Left, long Bytes, int AsTold = 0, bool AreMore = false, bool AreTooLarge = false);

/// <param name="Count">Sessions that came, and of which this node could make no sockets.</param>
/// <param name="Why">For the first of them: a limit, or the kernel's refusal; null: there is none.</param>
public readonly record struct MissedSessions(int Count, string? Why);
