using System;
using System.Collections.Generic;
using ExchangeLb.Cluster.Fitness;
using ExchangeLb.Core.Runtime;
using Xunit;

namespace ExchangeLb.Cluster.Tests.Fitness;

public sealed class LostBackendsTests
{
    private static readonly BackendServersSnapshot Lost = new("e2k13", 0, 2);
    private static readonly BackendServersSnapshot Reached = new("e2k13", 1, 2);

    private readonly LostBackends _lost = new();

    [Fact]
    public void What_only_the_peer_reaches_counts_after_a_while()
    {
        Assert.Empty(Observe(Lost, Reached, 0));
        Assert.Empty(Observe(Lost, Reached, 6.9));
        Assert.Equal(["e2k13"], Observe(Lost, Reached, 7));
        Assert.Equal(["e2k13"], Observe(Lost, Reached, 20));
    }

    [Fact]
    public void What_the_peer_loses_a_little_later_never_counts()
    {
        Observe(Lost, Reached, 0);
        Observe(Lost, Reached, 4);

        Assert.Empty(Observe(Lost, Lost, 5));
        Assert.Empty(Observe(Lost, Lost, 30));
    }

    [Fact]
    public void What_comes_back_starts_anew()
    {
        Observe(Lost, Reached, 0);
        Observe(Reached, Reached, 5);
        Observe(Lost, Reached, 6);

        Assert.Empty(Observe(Lost, Reached, 12));
        Assert.Equal(["e2k13"], Observe(Lost, Reached, 13));
    }

    [Fact]
    public void Slow_checks_need_more_patience()
    {
        _lost.Patience = TimeSpan.FromSeconds(40);
        Observe(Lost, Reached, 0);

        Assert.Empty(Observe(Lost, Reached, 39));
        Assert.Equal(["e2k13"], Observe(Lost, Reached, 40));
    }

    [Fact]
    public void A_backend_without_servers_is_not_lost() => Assert.Empty(Observe(new("e2k13", 0, 0), Reached, 100));

    private IReadOnlyList<string> Observe(BackendServersSnapshot mine, BackendServersSnapshot peer, double seconds) =>
        _lost.Observe([mine], [peer], TimeSpan.FromSeconds(seconds));
}
