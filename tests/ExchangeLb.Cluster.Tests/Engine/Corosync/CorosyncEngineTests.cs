using System;
using Xunit;

namespace ExchangeLb.Cluster.Tests.Engine.Corosync;

/// <summary>The contract, kept by real Corosyncs; and what only they can show.</summary>
public sealed class CorosyncEngineTests(NamespaceTrio trio) : PeerContract, IClassFixture<NamespaceTrio>
{
    protected override IPeerWorld NewPeerWorld()
    {
        if (!NamespaceTrio.IsPossible) { throw new InvalidOperationException("$XunitDynamicSkip$needs root, for network namespaces"); }
        return new CorosyncWorld(trio);
    }
}
