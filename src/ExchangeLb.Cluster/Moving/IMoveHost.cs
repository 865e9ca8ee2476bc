using System;
using ExchangeLb.Cluster.Engine;

namespace ExchangeLb.Cluster.Moving;

/// <summary>
/// What <see cref="Mover"/> has done by others. VIPs by their index in the model. All calls come from its own thread and return at once;
/// what takes longer answers later, by a call of the mover on that thread.
/// </summary>
public interface IMoveHost
{
    /// <summary>Largest body that <see cref="Send"/> takes.</summary>
    int BodyMaxBytes { get; }

    /// <summary>Why this node can't take sessions of the VIP; null: it can.</summary>
    string? LackFor(int vip);

    /// <summary>False: no room, or not in the cluster now; try again.</summary>
    bool Send(ReadOnlySpan<byte> body);

    /// <summary>
    /// Lets no packet of the VIP in or out (the lease goes on), then stops and describes its sessions. Answers: <see cref="Mover.Image"/> for each, then
    /// <see cref="Mover.Froze"/>.
    /// </summary>
    void Freeze(int vip, ulong move);

    /// <summary>All is at the target: the VIP may be released. Answer: <see cref="Mover.Released"/>.</summary>
    void Moved(int vip, ulong move);

    /// <summary>The target runs them: packets that were kept meanwhile may be sent there.</summary>
    void Ran(int vip);

    /// <summary>Nothing has moved. The VIP stays here if the hand-over was ordered, else it goes on without its sessions. Answer: <see cref="Mover.Kept"/>.</summary>
    void NotMoved(int vip, ulong move, string reason);

    /// <summary>Frozen sessions go on here; packets pass again.</summary>
    void Resume(int vip);

    /// <summary>Frozen sessions end here without a packet.</summary>
    void Forget(int vip);

    /// <summary>Null, or why it can't be taken.</summary>
    string? Adopt(int vip, ReadOnlySpan<byte> image);

    /// <summary>Adopted sessions go on here; how many.</summary>
    int Run(int vip);

    /// <summary>Adopted sessions never were.</summary>
    void Drop(int vip);

    /// <summary>The VIP was lost while adopted sessions were made to run: all of the VIP's are ended.</summary>
    void Cut(int vip);

    /// <summary>A move from here has ended.</summary>
    void Gave(MoveOutcome outcome);

    /// <summary>A move to here has ended; for people.</summary>
    /// <param name="trouble">Why nothing came of it; null: they run.</param>
    void Took(int vip, NodeId from, int count, string? trouble);
}

/// <summary>What came of a move, at the node that gave.</summary>
/// <param name="Moved">Sessions that run at the target.</param>
/// <param name="Left">Sessions that could not be moved and ended.</param>
/// <param name="Bytes">Of all images.</param>
/// <param name="Frozen">From the order to freeze until the target ran them, or they went on here.</param>
/// <param name="Trouble">Why nothing moved; null: all did.</param>
public sealed record MoveOutcome(int Vip, NodeId Target, int Moved, int Left, long Bytes, TimeSpan Frozen, string? Trouble);
