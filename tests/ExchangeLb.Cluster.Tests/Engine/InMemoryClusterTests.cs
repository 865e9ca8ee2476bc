namespace ExchangeLb.Cluster.Tests.Engine;

/// <summary>Shows that the contract can be kept by an engine that is weaker than Corosync.</summary>
public sealed class InMemoryClusterTests : PeerContract
{
    protected override IPeerWorld NewPeerWorld() => new InMemoryCluster(seed: 1);
}
