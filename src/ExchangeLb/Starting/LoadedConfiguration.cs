using ExchangeLb.Core.Model;

namespace ExchangeLb.Starting;

/// <summary>What the files say, once they have been found right, alone and side by side.</summary>
/// <param name="Balancer">With numbers for `user` and `group` and with -N.</param>
/// <param name="Cluster">Null: without --cluster.</param>
internal sealed record LoadedConfiguration(LoadBalancerModel Balancer, ClusterModel? Cluster, bool AnyWarning);
