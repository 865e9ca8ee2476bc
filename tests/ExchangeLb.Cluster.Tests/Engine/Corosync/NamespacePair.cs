using Xunit;

namespace ExchangeLb.Cluster.Tests.Engine.Corosync;

/// <summary>Two nodes, two links: what most sites have.</summary>
[CollectionDefinition(nameof(NamespacePair), DisableParallelization = true)]
public sealed class NamespacePair() : CorosyncNamespaces(nodes: 2, links: 2), ICollectionFixture<NamespacePair>;
