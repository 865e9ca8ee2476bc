using System;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Cluster.Engine.Corosync;

/// <param name="Self">This node of the model.</param>
/// <param name="Folder">Absolute; made when it is not there. All that Corosync writes stays inside.</param>
/// <param name="Clock">For the pauses between starts.</param>
public sealed record CorosyncProcessOptions(ClusterModel Model, ClusterNodeModel Self, string Folder, TimeProvider Clock)
{
    /// <summary>Hears a kind (`corosync`) and one line for people, on the watching thread.</summary>
    public Action<string, string> Note { get; init; } = static (_, _) => { };

    public bool RealTime { get; init; } = true;

    /// <summary>/run/netns/NAME to run in; null: the process's own.</summary>
    internal string? NetworkNamespace { get; init; }
}
