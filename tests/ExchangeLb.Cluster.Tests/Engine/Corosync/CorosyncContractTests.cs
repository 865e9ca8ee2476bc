using Xunit;

namespace ExchangeLb.Cluster.Tests.Engine.Corosync;

/// <summary>The contract, kept by real Corosyncs.</summary>
[Collection(nameof(NamespaceTrio))]
[Trait("needs", "root")]
public sealed class CorosyncContractTests(NamespaceTrio trio) : PeerContract
{
    protected override IPeerWorld NewPeerWorld()
    {
        CorosyncNamespaces.Require();
        return new CorosyncWorld(trio);
    }
}
