using System;
using System.Collections.Generic;
using System.Net;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Config.Cluster;

/// <summary>A value and the line that wrote it.</summary>
internal sealed record Placed<T>(T Value, SourcePlace Place);

/// <summary>The cluster section as read so far.</summary>
internal sealed class ClusterDraft(string name, SourcePlace place)
{
    public string Name => name;

    /// <summary>`cluster 'exchange'`, for messages.</summary>
    public string Title => $"cluster '{name}'";

    public SourcePlace Place => place;

    /// <summary>There is such a line, though it may be wrong.</summary>
    public bool HasNodeLine { get; set; }

    public bool HasVipLine { get; set; }

    /// <summary>Ids are 0 where the file writes none.</summary>
    public List<Placed<ClusterNodeModel>> Nodes { get; } = [];

    public List<Placed<VipModel>> Vips { get; } = [];

    public List<Placed<IPAddress>> Gateways { get; } = [];

    public Placed<TimeSpan>? Lease { get; set; }

    public Placed<int>? Port { get; set; }

    public Placed<string>? KeyFile { get; set; }

    public TimeSpan? PreemptDelay { get; set; }

    public string? Hook { get; set; }

    public HandOverMode? HandOver { get; set; }

    /// <summary>Lines of the words that may stand once.</summary>
    public Dictionary<string, SourcePlace> Written { get; } = new(StringComparer.Ordinal);
}
