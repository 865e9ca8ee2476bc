using Xunit;

namespace ExchangeLb.Exe.Tests.EndToEnd;

/// <summary>Tests that start processes run one after the other.</summary>
[CollectionDefinition(nameof(EndToEnd))]
public sealed class EndToEnd;
