using System;
using ExchangeLb.Cluster.Engine;

namespace ExchangeLb.Cluster.Recording;

/// <summary>
/// What <see cref="Recorder"/> has done by others. VIPs by their index in the model. All calls come from its own thread; what takes longer than a
/// moment answers later, by a call of the recorder on that thread.
/// </summary>
public interface IRecordHost
{
    /// <summary>Tells all nodes of all sessions of the VIP from now on, those that exist first; also where that was begun before.</summary>
    /// <param name="incarnation">Higher than any before of this node, in an earlier life too.</param>
    void Begin(int vip, ulong incarnation);

    /// <summary>Tells no more.</summary>
    void End(int vip);

    /// <summary>Keeps what the owner told.</summary>
    /// <returns>Null, or why not.</returns>
    string? Take(NodeId owner, int vip, ReadOnlySpan<byte> records);

    /// <summary>Drops all that the node told of this VIP.</summary>
    void Forget(NodeId owner, int vip);

    /// <summary>Makes sockets of what is recorded, which send nothing yet. May take 100 us a session.</summary>
    void Restore(int vip);

    /// <summary>Closes those sockets without a packet. What is recorded stays.</summary>
    void Drop(int vip);

    /// <summary>This node owns the VIP: goes on with those sessions that stand where their record says, resets all others. Answer: <see cref="Recorder.TookOver"/>.</summary>
    void TakeOver(int vip);

    /// <summary>
    /// Ends all sessions of the VIP here without a packet, and says which these were (<see cref="Recorder.Abandoning"/>) before it does. Answer:
    /// <see cref="Recorder.Abandoned"/>.
    /// </summary>
    void Abandon(int vip);

    /// <summary>
    /// Another node may have gone on with some of the VIP's sessions while it was out of reach: those whose other sides have got further than this node knows
    /// are reset. No answer.
    /// </summary>
    void Check(int vip);

    /// <summary>No side of any session of the VIP is asked any more: packets do not pass.</summary>
    void StopAsking(int vip);

    /// <summary>Tells all nodes of sessions that this one has lost: as they were given to <see cref="Recorder.Abandoning"/>.</summary>
    /// <returns>False: they could not be sent.</returns>
    bool TellLost(int vip, ReadOnlySpan<byte> records);

    /// <summary>
    /// This node owns the VIP, and has sockets of every session of it that goes on. Of these, which a node has lost, it asks both sides of those without a
    /// socket here where they stand, and resets them. No answer.
    /// </summary>
    void ResetLost(int vip, ReadOnlySpan<byte> records);

    /// <summary>Nothing is left here of sessions that ran up to this loss of the VIP: this node may ask for it again.</summary>
    /// <param name="losses">How many <see cref="Recorder.Lost"/> there were before.</param>
    void Cleared(int vip, int losses);
}
