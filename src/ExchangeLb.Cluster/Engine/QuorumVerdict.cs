namespace ExchangeLb.Cluster.Engine;

/// <summary>Whether a view has the majority of all configured votes. It never says who may own an address: that takes a lease.</summary>
public enum QuorumVerdict
{
    /// <summary>The verdict on this very view has not come yet; one on an earlier view is not carried over.</summary>
    Pending,
    Quorate,
    Inquorate,
}
