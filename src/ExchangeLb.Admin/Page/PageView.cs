using System.Collections.Generic;
using System.Linq;
using ExchangeLb.Admin.Http;
using ExchangeLb.Admin.Stats;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Runtime;

namespace ExchangeLb.Admin.Page;

/// <summary>Everything that one page shows.</summary>
/// <param name="Filter">Which proxies and servers.</param>
/// <param name="Uri">How it was asked for; the links keep what was chosen.</param>
internal sealed record PageView(LoadBalancerSnapshot Snapshot, StatsPageModel Page, StatFilter Filter, StatsUri Uri)
{
    /// <summary>Null: this node has none.</summary>
    public ClusterSnapshot? Cluster { get; init; }

    public ProcessSnapshot Process => Snapshot.Process;

    public IEnumerable<ProxySnapshot> Proxies => Snapshot.Proxies.Where(proxy => Filter.Shows(proxy.Model));

    public IEnumerable<ServerSnapshot> Servers => Proxies.SelectMany(proxy => proxy.Servers);

    /// <summary>What this box is called: `stats show-node`, else the node's name.</summary>
    public string Node => Page.ShowNode ?? Process.Node;

    /// <summary>Its name in the cluster, where the headline is another one, the host's for example.</summary>
    public string? ClusterNode => Cluster is { } cluster && cluster.Self != Node ? cluster.Self : null;

    public string Description => Page.ShowDescription ?? Process.Description;
}
