using System.IO;
using ExchangeLb.Clustering;

namespace ExchangeLb.StandIn;

/// <summary>Where balancer and guard meet. The cluster.cfg is only looked at, not read.</summary>
internal sealed class ClusterFiles
{
    public ClusterFiles(string state)
    {
        Paths = new ClusterPaths(state, Path.Combine(state, "cluster.cfg"));
        if (!File.Exists(Paths.ClusterFile))
        {
            File.WriteAllText(Paths.ClusterFile, "");
        }
    }

    public ClusterPaths Paths { get; }
}
