using System;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Cluster.Engine.Corosync;

/// <summary>What a program needs to know to talk to the local Corosync.</summary>
/// <param name="Self">This node; Corosync must run under the same id.</param>
/// <param name="Clock">For waiting between attempts to connect.</param>
public sealed record CorosyncOptions(ClusterModel Model, NodeId Self, TimeProvider Clock)
{
    /// <summary>Hears a kind (one word) and a text for people, on the dispatch thread.</summary>
    public Action<string, string> Note { get; init; } = static (_, _) => { };

    /// <summary>/run/netns/NAME, where Corosync runs: its sockets belong to a namespace. Null: this process's.</summary>
    internal string? NetworkNamespace { get; init; }
}
