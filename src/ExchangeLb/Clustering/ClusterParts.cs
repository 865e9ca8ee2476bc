using System;
using System.Collections.Immutable;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Cluster.Events;
using ExchangeLb.Cluster.Ownership;
using ExchangeLb.Clustering.Guarding;
using ExchangeLb.Core.Runtime;

namespace ExchangeLb.Clustering;

/// <summary>The parts of a running node, for those who look at several of them.</summary>
internal sealed record ClusterParts
{
    public required ClusterSetup Setup { get; init; }
    public required IMonotonicClock Clock { get; init; }
    public required IClusterEngine Engine { get; init; }
    public required GatheredSender Gathered { get; init; }
    public required string EngineName { get; init; }
    public required Func<bool> EngineConnected { get; init; }

    /// <summary>Messages that were refused, by whoever.</summary>
    public required Func<long> RejectedTotal { get; init; }

    /// <summary>Messages about VIPs that this node does not have.</summary>
    public required Func<long> UnknownVipTotal { get; init; }
    public required EngineMail Mail { get; init; }
    public required OwnershipBoard Ownership { get; init; }
    public required OwnershipListener Listener { get; init; }
    public required ReportBoard Reports { get; init; }
    public required EventJournal Journal { get; init; }
    public required Func<ReplicationSnapshot> Replication { get; init; }

    /// <summary>Null: a node without peers moves no sessions.</summary>
    public required MovingThread? Moving { get; init; }

    /// <summary>Null: quiet sessions end with their owner.</summary>
    public required RecordingThread? Recording { get; init; }

    /// <summary>null: a node without peers needs none.</summary>
    public required GuardLink? Guard { get; init; }

    public required Func<KernelSnapshot> Kernel { get; init; }

    /// <summary>Of the hook: changes of owner that it was not told of.</summary>
    public required Func<long> HooksDroppedTotal { get; init; }

    /// <summary>What the kernel lacks, and what is done instead.</summary>
    public required ImmutableArray<string> KernelLacks { get; init; }

    /// <summary>What deserves a look, besides that.</summary>
    public required Func<ImmutableArray<string>> Warnings { get; init; }

    /// <summary>What the configuration does not give, though nothing is wrong.</summary>
    public required Func<ImmutableArray<string>> Notes { get; init; }
}
