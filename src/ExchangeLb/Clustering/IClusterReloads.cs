using ExchangeLb.Core.Model;

namespace ExchangeLb.Clustering;

/// <summary>A cluster.cfg that a running node goes on with, in steps around the load balancer's own reload. One reload at a time.</summary>
internal interface IClusterReloads
{
    /// <returns>Null, or what can't be taken over, and what to do.</returns>
    string? Refuse(ClusterModel next);

    /// <summary>Before addresses are bound: the kernel gets ready for VIPs that come. What runs is not touched.</summary>
    /// <returns>Null, or why it can't.</returns>
    string? Admit(ClusterModel next);

    /// <summary>After <see cref="Admit"/>: nothing comes of it, for an address could not be bound.</summary>
    void Abandon();

    /// <summary>After <see cref="Admit"/>, once the load balancer runs the other file.</summary>
    void TakeOver(ClusterModel next, ConfigurationHashes hashes);
}
