using System;
using ExchangeLb.Cluster.Ownership;

namespace ExchangeLb.Clustering;

/// <summary>What the mover of sessions orders the ownership protocol, and is answered. Answers come on the lease thread.</summary>
internal interface IHandOverOrders
{
    /// <summary>False: nothing was done, try again; the lease thread takes no orders now.</summary>
    bool Freeze(int vip, Action<bool> answer);

    bool Moved(int vip);

    bool Ran(int vip);

    bool NotMoved(int vip, Action<bool> answer);
}

/// <summary>By the lease thread.</summary>
internal sealed class HandOverOrders(LeaseThread lease, OwnershipNode node) : IHandOverOrders
{
    public bool Freeze(int vip, Action<bool> answer) => lease.Post(() => answer(node.Freeze(vip)));

    public bool Moved(int vip) => lease.Post(() => node.Moved(vip));

    public bool Ran(int vip) => lease.Post(() => node.Ran(vip));

    public bool NotMoved(int vip, Action<bool> answer) => lease.Post(() => answer(node.NotMoved(vip)));
}
