using System;
using ExchangeLb.Cluster.Engine;

namespace ExchangeLb.Cluster.Ownership;

/// <summary>
/// What this node's kernel does for its VIPs, by their index in the cluster's model. All calls come from the lease thread, act at once
/// and return when the kernel has answered. Elements that are timed are expired by the kernel itself, whatever becomes of this process.
/// While a VIP has no lease here the kernel drops ARP, ND and IP for it, both ways, on every interface (the fence).
/// </summary>
/// <remarks>False means that the kernel refused or did not answer in order: what was asked has not happened.</remarks>
public interface IVipKernel
{
    /// <summary>Deletes lease, claim and permit, whoever set them; the fence stays, and the address goes soon. True: the kernel has confirmed it.</summary>
    bool Release(int vip);

    /// <summary>Sets the claim, alone or anew: for so long the kernel answers probes (ARP from 0.0.0.0, NS from ::) for the VIP, and nothing else.</summary>
    bool Claim(int vip, TimeSpan life);

    /// <summary>Deletes the claim. True also when it had expired.</summary>
    bool DropClaim(int vip);

    /// <summary>Sets the permit: the next <see cref="Commit"/> fails unless it comes within this life.</summary>
    bool Permit(int vip, TimeSpan life);

    /// <summary>
    /// In one transaction: deletes the permit, deletes what the kind says, sets the lease. Refused whole when permit, claim or old lease have
    /// expired, so that no pause of this process can arm late.
    /// </summary>
    /// <param name="incarnation">Of this process; a guard deletes only the lease of the incarnation that it watched.</param>
    bool Commit(int vip, CommitKind kind, ulong incarnation, TimeSpan lease);

    /// <summary>Asks the wire, from no address, who has the VIP. An answer comes as <see cref="OwnershipNode.ProbeAnswered"/>.</summary>
    void SendProbe(int vip);

    /// <summary>Asks the wire for the peer's own address on the service network. An answer comes as <see cref="OwnershipNode.PeerAnswered"/>.</summary>
    void SendPeerProbe(NodeId peer);

    /// <summary>Sends one round of gratuitous ARP or unsolicited neighbour advertisements.</summary>
    void Announce(int vip);

    /// <summary>
    /// Before a hand-over: for at most so long no new connection to the VIP begins here (its SYN is dropped), while those that exist go on. From
    /// now on until <see cref="PassOn"/> frames that meet the hold or the fence are kept, within a limit. False: this kernel can't; hand over without.
    /// </summary>
    bool HoldNew(int vip, TimeSpan life);

    /// <summary>
    /// While sessions move: for so long no TCP packet of the VIP comes in or goes out here, though the lease lives; after <see cref="HoldNew"/>
    /// all that comes is kept, not new connections alone.
    /// </summary>
    bool Freeze(int vip, TimeSpan life);

    /// <summary>
    /// The same freeze for so long from now on. False: it has not held without a gap since <see cref="Freeze"/> (it ran out, or others flushed it), or the
    /// kernel refused: packets may have passed.
    /// </summary>
    bool KeepFrozen(int vip, TimeSpan life);

    /// <summary>
    /// <see cref="Release"/>, in one transaction with the freeze's end. False: nothing is released, for the freeze has not held without a gap until now,
    /// so what was read of frozen sessions may be true no more; or the kernel did not answer in order.
    /// </summary>
    bool ReleaseFrozen(int vip);

    /// <summary>Ends the freeze; what was kept is forgotten. Packets pass, as far as the lease lets them.</summary>
    bool Unfreeze(int vip);

    /// <summary>The new owner serves new connections already: sends on what was kept of clients that ask for one. Sessions that move along can't do with the rest yet.</summary>
    void PassOnNew(int vip, NodeId owner);

    /// <summary>Ends the hold and sends the frames that were kept to the new owner, so that no client waits for its retransmission. Null: forgets them.</summary>
    void PassOn(int vip, NodeId? owner);
}

public enum CommitKind
{
    /// <summary>Deletes the claim; adds the address, too.</summary>
    Acquire,

    /// <summary>Deletes the present lease.</summary>
    Renew,
}
