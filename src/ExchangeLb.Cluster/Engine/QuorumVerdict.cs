namespace ExchangeLb.Cluster.Engine;

/// <summary>Whether a view has the majority of all configured votes. It never says who may own an address: that takes a lease.</summary>
public enum QuorumVerdict
{
    /// <summary>
    /// The verdict on this very view has not come yet; one on an earlier view is not carried over. Also while the engine has lost its own
    /// connection: that view holds the node alone, for nothing is known of the others. Nobody may be taken for dead on a pending view's account.
    /// </summary>
    Pending,
    Quorate,
    Inquorate,
}
