using System;
using System.Collections.Immutable;

namespace ExchangeLb.Core.Runtime;

/// <summary>All that is known of the cluster at one node, at one moment.</summary>
public sealed record ClusterSnapshot
{
    public string Cluster { get; init; } = "";

    /// <summary>The node that was asked.</summary>
    public string Self { get; init; } = "";

    /// <summary>In the order of cluster.cfg, those that are not there included.</summary>
    public ImmutableArray<ClusterNodeSnapshot> Nodes { get; init; } = [];

    /// <summary>In the order of cluster.cfg.</summary>
    public ImmutableArray<VipSnapshot> Vips { get; init; } = [];

    public EngineSnapshot Engine { get; init; } = new();
    public GuardSnapshot Guard { get; init; } = new();
    public KernelSnapshot Kernel { get; init; } = new();
    public ReplicationSnapshot Replication { get; init; } = new();

    /// <summary>Of quiet connections, for the time after a crash; null: they end with their owner.</summary>
    public RecordingSnapshot? Recording { get; init; }

    /// <summary>The configured lease.</summary>
    public TimeSpan Lease { get; init; }

    /// <summary>Longest gap between two renewals of a lease that this node held, since start.</summary>
    public TimeSpan LongestRenewalGap { get; init; }

    /// <summary>Changes of owner that the hook was not told of, since too many waited.</summary>
    public long HooksDroppedTotal { get; init; }

    /// <summary>The newest last.</summary>
    public ImmutableArray<ClusterEvent> Events { get; init; } = [];

    /// <summary>Reasons why a failover would not work right now, for people; empty: it would.</summary>
    public ImmutableArray<string> FailoverObstacles { get; init; } = [];

    /// <summary>What deserves a look though a failover would work: configuration drift, a link down, what the kernel lacks.</summary>
    public ImmutableArray<string> Warnings { get; init; } = [];

    /// <summary>What the configuration does not give, though nothing is wrong: VIPs whose connections end at a planned move.</summary>
    public ImmutableArray<string> Notes { get; init; } = [];
}

public sealed record ClusterNodeSnapshot(string Name, uint Id)
{
    /// <summary>In this node's view.</summary>
    public bool Present { get; init; }

    /// <summary>UDP ports on which it would be heard, such as 5405 or 5405-5406, while it was in no view since this node started; null once it was.</summary>
    public string? UnheardOn { get; init; }
    public bool IsSelf { get; init; }
    public int Priority { get; init; }
    public bool Standby { get; init; }

    /// <summary>What keeps the standby does not outlive a restart of its host; known of this node only.</summary>
    public bool StandbyEndsWithHost { get; init; }

    /// <summary>It could serve: link up, loops turning, servers reached.</summary>
    public bool Fit { get; init; }

    /// <summary>Why it is not fit; "" when it is.</summary>
    public string Unfit { get; init; } = "";
    public string Version { get; init; } = "";

    /// <summary>First 12 digits of the SHA-256 of haproxy.cfg and cluster.cfg as the node runs them.</summary>
    public string ConfigurationHash { get; init; } = "";
    public string ClusterConfigurationHash { get; init; } = "";
    public TimeSpan Uptime { get; init; }

    /// <summary>Age of what is shown of it; zero for the node itself.</summary>
    public TimeSpan ReportAge { get; init; }
    public ImmutableArray<LinkSnapshot> Links { get; init; } = [];
    public ImmutableArray<BackendServersSnapshot> Backends { get; init; } = [];
    public int Sessions { get; init; }

    /// <summary>Connections that it has room for; 0: not known.</summary>
    public int MaxConn { get; init; }

    /// <summary>Entries of all stick tables.</summary>
    public int StickEntries { get; init; }
    public bool GuardRunning { get; init; }

    /// <summary>Other nodes' quiet connections of which it has records, to go on with them when their owner dies.</summary>
    public int RecordsHeld { get; init; }
}

/// <summary>Index 0 is the service network.</summary>
public sealed record LinkSnapshot(int Index, string Address, bool Up);

public sealed record BackendServersSnapshot(string Backend, int Usable, int Total);

public enum VipRole
{
    /// <summary>Another node owns it, or nobody does.</summary>
    Backup,

    /// <summary>Asking for it.</summary>
    Acquiring,
    Owner,

    /// <summary>Handing it over.</summary>
    Releasing,
}

/// <summary>Totals since the asked node started, and what it holds now.</summary>
public sealed record RecordingSnapshot
{
    /// <summary>Connections of other nodes of which this one has records.</summary>
    public int Held { get; init; }

    /// <summary>Memory that these take.</summary>
    public long HeldBytes { get; init; }

    /// <summary>Images of this node's own quiet connections that the others were told.</summary>
    public long SnapshotsTotal { get; init; }

    /// <summary>Bytes of all records that the others were told.</summary>
    public long SentBytesTotal { get; init; }

    /// <summary>Processor time that making them took.</summary>
    public TimeSpan Busy { get; init; }

    /// <summary>Records that were not made, not sent or not kept: the kernel refused, no room, damage.</summary>
    public long LostTotal { get; init; }
}

public sealed record VipSnapshot(string Address, string Device)
{
    public VipRole Role { get; init; }

    /// <summary>Name of the owner as far as this node knows; null: none known.</summary>
    public string? Owner { get; init; }

    /// <summary>For how long that has been so.</summary>
    public TimeSpan OwnerFor { get; init; }

    /// <summary>What is left of this node's own lease; null: it has none.</summary>
    public TimeSpan? LeaseRemaining { get; init; }

    /// <summary>The owner serves without grants because no peer can give one.</summary>
    public bool Solo { get; init; }

    /// <summary>Hardware address of a host outside the cluster that uses this address; null: none was seen.</summary>
    public string? Conflict { get; init; }

    /// <summary>Times that this node became owner since it started.</summary>
    public long AcquiredTotal { get; init; }

    /// <summary>Established sessions that went along to other nodes since this one started.</summary>
    public long MovedTotal { get; init; }

    /// <summary>How long they stood still the last time; null: none has moved yet.</summary>
    public TimeSpan? LastFrozen { get; init; }
}

public sealed record EngineSnapshot
{
    /// <summary>"corosync", "alone".</summary>
    public string Name { get; init; } = "";
    public bool Connected { get; init; }
    public long Epoch { get; init; }
    public bool Quorate { get; init; }
    public long SentTotal { get; init; }
    public long ReceivedTotal { get; init; }
    public long SendRefusedTotal { get; init; }

    /// <summary>Messages that were not believed: damaged, of another cluster, of a later version.</summary>
    public long RejectedTotal { get; init; }

    /// <summary>Messages about VIPs that other nodes have and this one does not, as while a reload goes round.</summary>
    public long UnknownVipTotal { get; init; }

    /// <summary>Times that the connection to the engine was lost.</summary>
    public long RestartsTotal { get; init; }
}

public sealed record GuardSnapshot
{
    public bool Running { get; init; }
    public int Pid { get; init; }
}

/// <summary>What this node's kernel did for its VIPs since start.</summary>
public sealed record KernelSnapshot
{
    /// <summary>Times that others' changes of the fence were mended.</summary>
    public long MendedTotal { get; init; }

    /// <summary>Frames that hand-overs sent on to the new owner.</summary>
    public long PassedOnTotal { get; init; }

    /// <summary>Frames that hand-overs held back and could not send on: clients repeat them.</summary>
    public long HeldLostTotal { get; init; }

    /// <summary>Messages and orders that the lease thread had no room for; the protocol repeats what matters.</summary>
    public long DroppedTotal { get; init; }
}

public sealed record ReplicationSnapshot
{
    public long SentTotal { get; init; }
    public long ReceivedTotal { get; init; }

    /// <summary>Updates to be sent, and messages received, that were dropped because a queue was full; they are made up for by teaching.</summary>
    public long DroppedTotal { get; init; }

    /// <summary>Received updates about tables or servers that this node's configuration does not have.</summary>
    public long SkippedTotal { get; init; }

    /// <summary>Messages that were not believed: damaged, or of a later release.</summary>
    public long RejectedTotal { get; init; }
    public int Queued { get; init; }

    /// <summary>From an update at the owner to the peer's acknowledgement, the last one; null: none yet.</summary>
    public TimeSpan? Lag { get; init; }

    /// <summary>Nodes that are being taught, and how far.</summary>
    public ImmutableArray<TeachingSnapshot> Teaching { get; init; } = [];
}

public sealed record TeachingSnapshot(string Node, long Entries, bool Complete);

/// <param name="Unix">Wall-clock time of the node that wrote it.</param>
/// <param name="Kind">One word, for scripts: `owner`, `released`, `view`, `conflict`, `standby`, ...</param>
public sealed record ClusterEvent(DateTimeOffset Unix, string Kind, string Text);
