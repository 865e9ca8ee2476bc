using System;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Core.Runtime;

namespace ExchangeLb.Cluster.Moving;

/// <summary>
/// What <see cref="Mover"/> has done by others. VIPs by their index in the model. All calls come from its own thread and return at once;
/// what takes longer answers later, by a call of the mover on that thread.
/// </summary>
public interface IMoveHost
{
    /// <summary>Largest body that <see cref="Send"/> and <see cref="SendOnConnection"/> take.</summary>
    int BodyMaxBytes { get; }

    /// <summary>A node's name, for people.</summary>
    string NameOf(NodeId node);

    /// <summary>Why this node can't take sessions of the VIP; null: it can.</summary>
    string? LackFor(int vip);

    /// <summary>False: no room, or not in the cluster now; try again.</summary>
    bool Send(ReadOnlySpan<byte> body);

    /// <summary>
    /// The number of a connection to this node, faster than the engine, with an order of its own; 0: there is none. That it has ended, or another one has taken its place, is told by
    /// <see cref="Mover.Disconnected"/>.
    /// </summary>
    int ConnectionTo(NodeId node);

    /// <summary>There is none, and it is about to come: the node has come a moment ago.</summary>
    bool IsConnecting(NodeId node);

    /// <summary>On that connection and no other. False: no room, or it has ended; try again until that is told.</summary>
    bool SendOnConnection(NodeId node, int connection, ReadOnlySpan<byte> body);

    /// <summary>Describes the VIP's quiet sessions, which go on. Answers: <see cref="Mover.Told"/> for each, then <see cref="Mover.AllTold"/>; it ends with <see cref="Freeze"/>.</summary>
    void Tell(int vip, ulong move);

    /// <summary>Holds new connections back for a moment, so that young ones come about. Answer: <see cref="Mover.YoungDone"/>, or none.</summary>
    void HoldNew(int vip, ulong move);

    /// <summary>
    /// Lets no packet of the VIP in or out (the lease goes on), then stops its sessions, and describes those of which something else, or nothing, was told.
    /// Answers: <see cref="Mover.Image"/> or <see cref="Mover.AsTold"/> for each, then <see cref="Mover.Froze"/>.
    /// </summary>
    void Freeze(int vip, ulong move);

    /// <summary>Whether the VIP could stay here, were the move called off. Answer: <see cref="Mover.MayStay"/>.</summary>
    void AskMayStay(int vip, ulong move);

    /// <summary>All is at the target: the VIP may be released. Answer: <see cref="Mover.Released"/>.</summary>
    void Moved(int vip, ulong move);

    /// <summary>The VIP was released for the move, and its sessions are the target's from now on: what is known of them may be kept for a while. <see cref="Forget"/> follows.</summary>
    void Given(int vip);

    /// <summary>The target runs them: packets that were kept meanwhile may be sent there.</summary>
    void Ran(int vip);

    /// <summary>Nothing has moved. The VIP stays here if the hand-over was ordered, else it goes on without its sessions. Answer: <see cref="Mover.Kept"/>.</summary>
    void NotMoved(int vip, ulong move, string reason);

    /// <summary>Frozen sessions go on here; packets pass again.</summary>
    void Resume(int vip);

    /// <summary>Frozen sessions end here without a packet.</summary>
    /// <param name="given">They go on at the target. False: nowhere; where the host tells of what it loses with a VIP, they are ended with that loss, and it does nothing.</param>
    void Forget(int vip, bool given);

    /// <summary>All that is told ahead has been said: sessions are about to be frozen, and clients to wait. Perhaps more than once.</summary>
    void Expect(int vip);

    /// <summary>Instead of what was told of this session. Null, or what is wrong with the image: one for which there is no room is only counted, see <see cref="Settle"/>.</summary>
    string? Adopt(int vip, ulong session, ReadOnlySpan<byte> image);

    /// <summary>Goes on with its owner: to be run only if <see cref="Keep"/> names it.</summary>
    void AdoptTold(int vip, ulong session, ReadOnlySpan<byte> image);

    /// <summary>These are as they were told. Null, or what is wrong.</summary>
    string? Keep(int vip, ReadOnlySpan<ulong> sessions);

    /// <summary>What was told, and is not named by now, never was.</summary>
    /// <returns>Those that were named, and can't go on here: they end when the others run.</returns>
    MissedSessions Settle(int vip);

    /// <summary>Adopted sessions go on here; how many. <see cref="Mover.AllRun"/> is to be told when all do in which something was on its way, and have sent what they had in hand.</summary>
    int Run(int vip, ulong move);

    /// <summary>Adopted sessions, and those that were told, never were.</summary>
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
/// <param name="Left">Sessions that could not be moved, or not run at the target, and ended.</param>
/// <param name="Bytes">Of all images.</param>
/// <param name="Frozen">From the order to freeze until the target ran them, or they went on here.</param>
/// <param name="Trouble">Why nothing moved; null: all did that could.</param>
/// <param name="Ahead">Sessions that the target had sockets for before the freeze.</param>
public sealed record MoveOutcome(int Vip, NodeId Target, int Moved, int Left, long Bytes, TimeSpan Frozen, string? Trouble, int Ahead = 0)
{
    /// <summary>Its number.</summary>
    public ulong Move { get; init; }

    public MoveTimes Times { get; init; }

    /// <summary>Clients who waited for a place below `maxconn` were left behind for want of descriptors: how many nobody knows.</summary>
    public bool AreMore { get; init; }

    /// <summary>Why the target had no sockets for some of those left; empty: it had for all.</summary>
    public string WhyMissed { get; init; } = "";

    /// <summary>Among those left are some in whose hands more waited than may be moved.</summary>
    public bool AreTooLarge { get; init; }
}

/// <summary>What the time of a freeze went into, one after the other.</summary>
/// <param name="Describing">Packets were stopped, and all sessions looked at.</param>
/// <param name="Adopting">Then the target had what was described.</param>
/// <param name="Releasing">Then the VIP was released.</param>
/// <param name="Running">Then the target was owner, and had them all run.</param>
public readonly record struct MoveTimes(TimeSpan Describing, TimeSpan Adopting, TimeSpan Releasing, TimeSpan Running);
