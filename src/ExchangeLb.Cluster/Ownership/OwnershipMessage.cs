namespace ExchangeLb.Cluster.Ownership;

/// <summary>What one node tells all others about one VIP. Every message also states how its sender stands, so that none is sent for that alone.</summary>
/// <param name="Vip">`OwnershipMessages.KeyOf` the address: the same on every node, whatever the order of their files.</param>
/// <param name="Sender">How the sender stands.</param>
/// <param name="Incarnation">Of the sender's process.</param>
/// <param name="Number">Rises with each message of an incarnation; <see cref="OwnershipMessages.All"/>: by the guard, after that incarnation's end.</param>
/// <param name="Epoch">The highest that the sender knows of an owner.</param>
/// <param name="Subject">Node that is meant; 0: none.</param>
/// <param name="SubjectIncarnation">Of the node that is meant.</param>
/// <param name="SubjectNumber">The message of the node that is meant which this one answers.</param>
internal readonly record struct OwnershipMessage(
    OwnershipMessageType Type,
    uint Vip,
    SenderState Sender,
    ulong Incarnation,
    ulong Number,
    uint Epoch,
    uint Subject = 0,
    ulong SubjectIncarnation = 0,
    ulong SubjectNumber = 0);

/// <param name="Leaving">Its process is about to end: it asks for nothing.</param>
internal readonly record struct SenderState(NodeFitness Fitness, bool Standby, bool Leaving, int Priority);

/// <summary>Numbers are on the wire: only ever add.</summary>
internal enum OwnershipMessageType : byte
{
    /// <summary>The owner asks every peer for another lease. The subject: whom it is about to hand over to.</summary>
    Renewal = 1,

    /// <summary>A peer promises the subject, from receipt of that message on, to grant nobody else and not to acquire.</summary>
    Grant = 2,

    /// <summary>The sender hears no owner; one that hears this renews at once.</summary>
    Ask = 3,

    /// <summary>The sender wants the VIP and asks for grants.</summary>
    Request = 4,

    /// <summary>No grant for the subject's request.</summary>
    Refuse = 5,

    /// <summary>The sender makes no use of the grants for what it sent before.</summary>
    Withdraw = 6,

    /// <summary>The sender's kernel has confirmed that it holds neither lease nor claim. For the subject, if any, this is a grant.</summary>
    Released = 7,

    /// <summary>Nothing but how the sender stands.</summary>
    State = 8,
}
