namespace ExchangeLb.Cluster.Tests.Simulation;

/// <summary>One rule of the protocol taken out of the world around it: the simulation must notice.</summary>
internal enum Mutation
{
    None,

    /// <summary>A claim answers no probe.</summary>
    ClaimIsMute,

    /// <summary>A commit is taken without a live permit, however late, and without a live claim or lease.</summary>
    CommitIsUnconditional,

    /// <summary>Whatever is requested or renewed is granted, whatever was promised before.</summary>
    PromisesAreBroken,

    /// <summary>The kernel doesn't expire leases.</summary>
    LeaseNeverEnds,

    /// <summary>Probes get no answer.</summary>
    ProbesAreUnanswered,

    /// <summary>The guard says "released" without releasing.</summary>
    GuardLies,

    /// <summary>The target of a move takes the end of the stream for the owner's word to run what came.</summary>
    EndIsGo,

    /// <summary>The kernel releases, and freezes on, whether the freeze has held or not.</summary>
    FreezeIsUnconditional,

    /// <summary>A node that lost a VIP asks for it again with the sockets that it had.</summary>
    SessionsAreNotAbandoned,

    /// <summary>Sessions that a node kept when it lost a VIP by accident do not end when another node is owner.</summary>
    KeptSessionsStay,

    /// <summary>An owner that met another one does not ask its sessions where they stand.</summary>
    OwnersDoNotCheck,

    /// <summary>An owner that is told of sessions which another node has lost does nothing.</summary>
    LostSessionsAreLeft,

    /// <summary>It resets those that it runs itself, too.</summary>
    LostSessionsAreAllReset,

    /// <summary>What a guard left of its balancer's sessions is taken for true, without asking their ends.</summary>
    WhatWasLeftIsTrue,

    /// <summary>A frozen session that went on after it was told ahead is said to be as it was told.</summary>
    WhatWasToldIsTrue,
}
