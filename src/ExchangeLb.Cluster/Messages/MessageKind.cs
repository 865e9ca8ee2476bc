namespace ExchangeLb.Cluster.Messages;

/// <summary>What a cluster message is about, and so who reads it. Numbers are on the wire: only ever add.</summary>
public enum MessageKind : byte
{
    /// <summary>Renewals, grants, requests, releases: the lease thread's.</summary>
    Ownership = 1,

    /// <summary>Stick updates, acknowledgements, teaching, states of servers: the replication thread's.</summary>
    Replication = 2,

    /// <summary>What a node tells of itself, for people.</summary>
    Report = 3,

    /// <summary>Orders of an administrator to another node, and their answers.</summary>
    Order = 4,

    /// <summary>Established sessions on their way to a VIP's next owner.</summary>
    HandOver = 5,

    /// <summary>Where an owner's sessions stand, for whoever is owner after it.</summary>
    Records = 6,
}
