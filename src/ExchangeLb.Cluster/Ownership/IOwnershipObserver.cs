using ExchangeLb.Cluster.Engine;

namespace ExchangeLb.Cluster.Ownership;

/// <summary>Hears of changes, on the lease thread; must return at once.</summary>
public interface IOwnershipObserver
{
    /// <summary>This node became owner.</summary>
    /// <param name="epoch">Higher than that of every owner before, as far as this node can know: later writes to stick entries win by it.</param>
    void Acquired(int vip, uint epoch);

    /// <summary>
    /// A hand-over has begun and new connections are held back. <see cref="OwnershipNode.Drained"/> is wanted once the young ones have got what they
    /// came for; it is not waited for longer than 60 ms.
    /// </summary>
    /// <param name="move">The hand-over's number, which whoever moves its sessions names again: never used twice.</param>
    /// <param name="urgent">Clients reach the target and not this node: nothing is worth a wait before the sessions are frozen.</param>
    /// <returns>
    /// True: established sessions are moved to the target. Then <see cref="OwnershipNode.Moved"/> or <see cref="OwnershipNode.NotMoved"/> is wanted in place
    /// of it, within 3.5 s of <see cref="OwnershipNode.HoldNew"/>, which has 12 s, or 0.6 s where it is urgent.
    /// </returns>
    bool HandingOver(int vip, NodeId target, ulong move, bool urgent);

    /// <summary>Nobody seems to own it: this node is about to ask for it. Often nothing comes of it.</summary>
    void Contending(int vip);

    /// <summary>The VIP is not configured any more, and no other node can take it: it is given up in a moment, and its clients can be told until then.</summary>
    void Retiring(int vip)
    {
    }

    /// <summary>This node is owner no more, for this reason.</summary>
    void Lost(int vip, string reason, VipLoss loss);

    /// <summary>Another node is owner now, or (null) nobody known is.</summary>
    void OwnerChanged(int vip, NodeId? owner);

    /// <summary>This node does not own it, and sees one that it does not hear use it on the wire: that one is owner, or about to be.</summary>
    void UsedElsewhere(int vip)
    {
    }

    /// <summary>This node owns it, and so does, or did a moment ago, another one, which is to yield. Said as often as that one is heard.</summary>
    void RivalMet(int vip)
    {
    }

    /// <summary>A host that is no node of the cluster answers for the VIP.</summary>
    void Conflict(int vip, ulong hardwareAddress, NodeId? node);

    /// <summary>Anything else that people may want to read later.</summary>
    void Note(string kind, string text);
}
