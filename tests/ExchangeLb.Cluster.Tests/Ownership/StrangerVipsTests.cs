using System.Linq;
using ExchangeLb.Cluster.Ownership;
using Xunit;

namespace ExchangeLb.Cluster.Tests.Ownership;

/// <summary>VIPs that this node does not have, and others do.</summary>
public sealed class StrangerVipsTests
{
    private const uint First = 7000;

    private readonly OneNode _one = new();

    public StrangerVipsTests()
    {
        _one.Node.ViewChanged(OneNode.Both);
        _one.RunFor(450);
        for (uint key = First; key < First + StrangerVips.Max; key++) { Ask(key); }
        _one.Log.Clear();
    }

    [Fact]
    public void More_of_them_than_fit_are_not_answered_while_the_others_are_spoken_of()
    {
        Ask(First + StrangerVips.Max);

        Assert.DoesNotContain("says Grant", _one.Log);
    }

    [Fact]
    public void One_that_nobody_has_spoken_of_for_a_minute_makes_room_and_those_that_somebody_speaks_of_stay()
    {
        _one.RunFor(StrangerVips.SilentAtLeast.TotalMilliseconds);
        for (uint key = First + 1; key < First + StrangerVips.Max; key++) { Ask(key); }
        _one.Log.Clear();

        Ask(First + StrangerVips.Max);
        Assert.Equal(["says Grant"], Said());
        Ask(First);

        Assert.Equal(["says Grant"], Said());
    }

    [Fact]
    public void Until_then_none_does()
    {
        _one.RunFor(StrangerVips.SilentAtLeast.TotalMilliseconds - 1);

        Ask(First + StrangerVips.Max);

        Assert.Empty(Said());
    }

    private void Ask(uint key) => _one.Says(OwnershipMessageType.Request, vip: key);

    private string[] Said() => [.. _one.Log.Where(what => what == "says Grant")];
}
