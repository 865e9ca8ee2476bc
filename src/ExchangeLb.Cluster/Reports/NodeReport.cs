using System;
using System.Collections.Immutable;
using ExchangeLb.Core.Runtime;

namespace ExchangeLb.Cluster.Reports;

/// <summary>What a node tells the others of itself once a second, for people and for the comparison of configurations. Nothing is decided by it.</summary>
public sealed record NodeReport
{
    public ulong Incarnation { get; init; }
    public string Version { get; init; } = "";
    public string ConfigurationHash { get; init; } = "";
    public string ClusterConfigurationHash { get; init; } = "";
    public bool Standby { get; init; }
    public bool Fit { get; init; }
    public string Unfit { get; init; } = "";
    public TimeSpan Uptime { get; init; }
    public int Sessions { get; init; }
    public int StickEntries { get; init; }
    public bool GuardRunning { get; init; }
    public ImmutableArray<LinkSnapshot> Links { get; init; } = [];
    public ImmutableArray<BackendServersSnapshot> Backends { get; init; } = [];

    /// <summary>The form in which it moves established sessions (<see cref="Moving.MoveMessages.Form"/>); 0: it can't, or shall not.</summary>
    public byte MoveForm { get; init; }

    /// <summary>It knows clients who wait for a place below `maxconn` among what moves; an earlier release would run them beyond it.</summary>
    public bool TakesWaiting { get; init; }

    /// <summary>Of the certificate that it shows on streams (<see cref="Streams.StreamCertificate"/>); "": it takes none.</summary>
    public string StreamFingerprint { get; init; } = "";

    /// <summary>Other nodes' quiet connections of which it has records (<see cref="RecordingSnapshot.Held"/>).</summary>
    public int RecordsHeld { get; init; }

    /// <summary>The VIPs that it owns.</summary>
    public ImmutableArray<OwnedVip> Owned { get; init; } = [];

    /// <summary>Connections that it has room for; 0: it has not said.</summary>
    public int MaxConn { get; init; }
}

/// <param name="For">Since it became owner.</param>
public readonly record struct OwnedVip(string Address, TimeSpan For);
