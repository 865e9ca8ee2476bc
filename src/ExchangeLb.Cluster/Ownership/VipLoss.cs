namespace ExchangeLb.Cluster.Ownership;

/// <summary>How a node lost a VIP, for what becomes of its sessions.</summary>
public enum VipLoss
{
    /// <summary>Another node is to have it, or this one wants it no more: they end here.</summary>
    ForGood,

    /// <summary>They go on at the next owner.</summary>
    WithSessions,

    /// <summary>The lease ran out, or this node can't serve just now and knows of none that can: it asks again. They go on here should it be the next owner, and end once another node is.</summary>
    ByAccident,
}
