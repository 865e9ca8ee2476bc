using System;
using ExchangeLb.Core.Runtime;

namespace ExchangeLb.Proxy.Tests;

/// <summary>Never asked: no loop runs, so that no connection can have been accepted.</summary>
internal sealed class NoStats : IStatsConnections
{
    public void Take(int descriptor, IStatsSession session) => throw new InvalidOperationException("no loop runs here");
}
