using Xunit;

namespace ExchangeLb.Cluster.Tests.Engine.Corosync;

/// <summary>Three nodes, one link: what the contract asks for. Shared by all tests of the collection, which run one after another.</summary>
[CollectionDefinition(nameof(NamespaceTrio))]
public sealed class NamespaceTrio() : CorosyncNamespaces(nodes: 3, links: 1), ICollectionFixture<NamespaceTrio>;
