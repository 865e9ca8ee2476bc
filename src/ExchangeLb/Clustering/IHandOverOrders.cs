using System;
using ExchangeLb.Cluster.Ownership;

namespace ExchangeLb.Clustering;

/// <summary>
/// What the mover of sessions orders the ownership protocol, and is answered. Answers come on the lease thread. Each order names its hand-over: one that
/// comes late, when another is under way, is not obeyed.
/// </summary>
internal interface IHandOverOrders
{
    /// <summary>False: nothing was done, try again; the lease thread takes no orders now.</summary>
    bool HoldNew(int vip, ulong move, Action<bool> answer);

    bool Freeze(int vip, ulong move, Action<bool> answer);

    bool MayStay(int vip, ulong move, Action<bool> answer);

    bool Moved(int vip, ulong move, Action<bool> answer);

    bool Ran(int vip);

    bool NotMoved(int vip, ulong move, Action<bool> answer);
}

/// <summary>By the lease thread.</summary>
internal sealed class HandOverOrders(LeaseThread lease, OwnershipNode node) : IHandOverOrders
{
    public bool HoldNew(int vip, ulong move, Action<bool> answer) => lease.Post(() => answer(node.HoldNew(vip, move)));

    public bool Freeze(int vip, ulong move, Action<bool> answer) => lease.Post(() => answer(node.Freeze(vip, move)));

    public bool MayStay(int vip, ulong move, Action<bool> answer) => lease.Post(() => answer(node.MayStay(vip, move)));

    public bool Moved(int vip, ulong move, Action<bool> answer) => lease.Post(() => answer(node.Moved(vip, move)));

    public bool Ran(int vip) => lease.Post(() => node.Ran(vip));

    public bool NotMoved(int vip, ulong move, Action<bool> answer) => lease.Post(() => answer(node.NotMoved(vip, move)));
}
