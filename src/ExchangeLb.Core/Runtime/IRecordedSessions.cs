using System;
using System.Collections.Generic;
using System.Net;
using System.Threading.Tasks;

namespace ExchangeLb.Core.Runtime;

/// <summary>Records of sessions, for a peer's <see cref="IRecordedSessions.Take"/>. Called on loops' threads, by several at once; must neither wait nor throw.</summary>
/// <param name="records">Up to <see cref="IRecordedSessions.RecordsLimit"/> bytes, valid during the call. To be sent in the order of the calls of one thread; losing some is no danger, only sessions.</param>
public delegate void TellRecords(ReadOnlySpan<byte> records);

/// <summary>
/// Quiet sessions that outlive their owner's crash: it tells a peer where they stand, and the peer goes on with what still stands there. Any
/// thread. At the owner: <see cref="Begin"/>, <see cref="End"/>. At the peer: <see cref="Take"/>; then <see cref="Restore"/> while it is about to
/// become owner, and <see cref="TakeOverAsync"/> once it is, or else <see cref="Drop"/>. A node that lost the address without a hand-over:
/// <see cref="StopAsking"/>, as long as it may be the next owner; else <see cref="AbandonAsync"/>, before its kernel lets packets of the address pass again.
/// </summary>
public interface IRecordedSessions
{
    /// <summary>Bytes told at once, at most.</summary>
    const int RecordsLimit = 16 * 1024;

    /// <summary>Why this host can't do it (kernel, capability); null: it can.</summary>
    string? Lack { get; }

    RecordingFigures Figures { get; }

    /// <summary>From now on sockets of sessions that were told to be quiet are held by somebody else, too, so that they outlive the death of this process alone.</summary>
    void HoldIn(IHeldSockets sockets);

    /// <summary>
    /// From now on tells about all sessions of the address, those that exist first. Again, with a higher incarnation, when a peer has joined or
    /// missed something.
    /// </summary>
    /// <param name="incarnation">Higher than any before of this node, also of an earlier process: for example the wall clock's microseconds.</param>
    void Begin(IPAddress address, ulong incarnation, TellRecords tell);

    /// <summary>Tells no more.</summary>
    void End(IPAddress address);

    /// <summary>Ends all sessions of the address without a packet: they live elsewhere, and this node's kernel must not speak for them.</summary>
    /// <param name="tell">Told of each before it ends, for <see cref="ResetLostAsync"/> at whoever owns the address.</param>
    Task AbandonAsync(IPAddress address, TellRecords tell);

    /// <summary>
    /// This node owns the address, and has sockets of all of its sessions that go on. Another one, or this one before, has lost these: both sides of those that have no
    /// socket here are asked where they stand, and reset. A session that this node has is never touched, for its kernel makes no second socket of it; so it
    /// does no harm when this is asked late, twice, or of sessions that have ended. <see cref="AbandonAsync"/> and <see cref="End"/> call it off.
    /// </summary>
    /// <param name="link">As in <see cref="TakeOverAsync"/>.</param>
    /// <param name="records">As they were told.</param>
    /// <returns>What became of them; nothing: an earlier call takes them along, and says so.</returns>
    Task<LostSessionsDone> ResetLostAsync(IPAddress address, int link, ReadOnlySpan<byte> records);

    /// <summary>
    /// This node owns the address, and another one may have gone on with some of its sessions meanwhile, while the two could not hear each other. Asks both
    /// sides of all sessions where they stand, which none of them notices, and resets those of which a side has got further than this node knows. Who does not
    /// answer is asked again, for some two minutes at most. Another call, or <see cref="AbandonAsync"/>, ends the former.
    /// </summary>
    /// <param name="link">As in <see cref="TakeOverAsync"/>.</param>
    /// <returns>Sessions that were reset.</returns>
    Task<int> CheckAsync(IPAddress address, int link);

    /// <summary>Keeps what an owner told.</summary>
    /// <param name="age">Since it was told, on this host.</param>
    /// <returns>Null, or why it was refused: damage, another address than this, another release, an earlier incarnation, no room.</returns>
    string? Take(string owner, IPAddress address, ReadOnlySpan<byte> records, TimeSpan age = default);

    /// <summary>
    /// Keeps what this node has just handed over as if it had been told of it: should the new owner be gone before it has told of these sessions itself, they are not lost.
    /// </summary>
    /// <param name="self">As owner: to be forgotten like any.</param>
    /// <param name="incarnation">As in <see cref="Begin"/>.</param>
    void KeepGiven(string self, IPAddress address, ulong incarnation, IReadOnlyList<GivenSession> given);

    /// <summary>Forgets all that the owner told of the address: it has handed its sessions over, or there is another owner.</summary>
    void Forget(string owner, IPAddress address);

    /// <summary>
    /// Makes sockets of what is recorded, which send nothing. To be called before the kernel lets packets of the address in, for those that find no
    /// socket are answered by a reset; so as soon as the owner seems to be gone, while its lease runs out. About 100 us a session.
    /// </summary>
    /// <returns>How many sessions have sockets.</returns>
    int Restore(IPAddress address);

    /// <summary>Ends what <see cref="CheckAsync"/> and <see cref="ResetLostAsync"/> began: packets of the address do not pass now.</summary>
    void StopAsking(IPAddress address);

    /// <summary>The owner lives: restored sockets are closed without a packet. What is recorded stays.</summary>
    void Drop(IPAddress address);

    /// <summary>
    /// This node owns the address: it is set, and packets pass. Restores what is not yet, asks both sides of every session where they stand, goes on with
    /// those of which both are where the record says, and resets all others. Nothing is recorded for the address afterwards.
    /// </summary>
    /// <param name="standing">Called once, on another thread: all have sockets that will have some.</param>
    /// <param name="link">Index of the address's device, on which clients and servers answer; 0: of all devices.</param>
    /// <returns>When the last one is decided: within 2 s, with some thousands of sessions.</returns>
    Task<TakenOverSessions> TakeOverAsync(IPAddress address, int link, Action standing);
}

/// <param name="Continued">Go on here.</param>
/// <param name="Active">Reset: they were not quiet.</param>
/// <param name="Stale">Reset: they had gone on after their record, at one side at least.</param>
/// <param name="Unanswered">Reset as well as the record allows: a side did not say in time where it stands.</param>
/// <param name="Failed">No sockets could be made; or they exist here already.</param>
public readonly record struct TakenOverSessions(int Continued, int Active, int Stale, int Unanswered, int Failed)
{
    /// <summary>Reset: they were quiet, but this node has no place for them.</summary>
    public int Placeless { get; init; }

    /// <summary>Why not, of the first of them; null: all have one.</summary>
    public string? Lack { get; init; }
}

/// <summary>Of sessions that a node has lost, and that have no socket here.</summary>
/// <param name="Reset">A side said where it stands, and was reset; or it knew of none.</param>
/// <param name="Unanswered">No side said anything: nothing was done.</param>
/// <param name="Failed">Nobody was asked: no socket could be made.</param>
public readonly record struct LostSessionsDone(int Reset, int Unanswered, int Failed)
{
    public static LostSessionsDone operator +(LostSessionsDone one, LostSessionsDone other) => Add(one, other);

    public static LostSessionsDone Add(LostSessionsDone one, LostSessionsDone other) =>
        new(one.Reset + other.Reset, one.Unanswered + other.Unanswered, one.Failed + other.Failed);
}

/// <summary>Totals since the start; at the owner, and then at the peer.</summary>
/// <param name="Established">Sessions told of.</param>
/// <param name="Snapshots">Taken of quiet sessions.</param>
/// <param name="Awakenings">Quiet ones that became active.</param>
/// <param name="Late">Told later than they were due, because of the limit on their rate.</param>
/// <param name="Failed">Snapshots that the kernel refused.</param>
/// <param name="Bytes">Told.</param>
/// <param name="Busy">Time that the loops spent on making records.</param>
/// <param name="Held">Sessions of which this node has records.</param>
/// <param name="HeldBytes">That these take.</param>
/// <param name="NotHeld">Sessions that could not be passed to who holds sockets, as too many waited for it.</param>
/// <param name="Refused">Batches that <see cref="IRecordedSessions.Take"/> refused, in whole or in part.</param>
public readonly record struct RecordingFigures(
    long Established, long Snapshots, long Awakenings, long Late, long Failed, long Bytes, TimeSpan Busy, int Held, long HeldBytes, long Refused, long NotHeld);
