using ExchangeLb.Cluster.Engine;
using ExchangeLb.Cluster.Ownership;
using Xunit;

namespace ExchangeLb.Cluster.Tests.Ownership;

public sealed class VipElectionTests
{
    private static readonly Candidate A = new(new(1), new(true, true, 3), false, 100, int.MaxValue);
    private static readonly Candidate B = new(new(2), new(true, true, 3), false, 100, int.MaxValue);

    [Fact]
    public void The_higher_priority_gets_a_vip_that_nobody_has() =>
        Assert.Equal(B.Node, VipElection.Choose([A, B with { Priority = 101 }], null, preempt: false)?.Node);

    [Fact]
    public void Among_equals_the_lower_number_gets_it() => Assert.Equal(A.Node, VipElection.Choose([B, A], null, preempt: false)?.Node);

    [Fact]
    public void The_vips_own_order_goes_before_priority() =>
        Assert.Equal(B.Node, VipElection.Choose([A with { Priority = 1000 }, B with { Preferred = 0 }], null, preempt: false)?.Node);

    [Fact]
    public void The_owner_keeps_it_from_a_higher_priority() =>
        Assert.Equal((B.Node, false), VipElection.Choose([A with { Priority = 1000 }, B], B.Node, preempt: false));

    [Fact]
    public void With_preemption_the_higher_priority_gets_it_and_it_is_said_why() =>
        Assert.Equal((A.Node, true), VipElection.Choose([A with { Priority = 1000 }, B], B.Node, preempt: true));

    [Fact]
    public void An_owner_on_standby_keeps_it_from_a_higher_priority_that_is_on_standby_too() =>
        Assert.Equal((B.Node, false), VipElection.Choose([A with { Priority = 1000, Standby = true }, B with { Standby = true }], B.Node, preempt: true));

    [Fact]
    public void One_that_reaches_more_gets_it_from_the_owner() =>
        Assert.Equal((B.Node, false), VipElection.Choose([A with { Priority = 1000, Fitness = new(true, true, 2) }, B], A.Node, preempt: false));

    [Fact]
    public void A_node_on_standby_leaves_it_to_one_that_reaches_less() =>
        Assert.Equal(B.Node, VipElection.Choose([A with { Standby = true }, B with { Fitness = new(true, true, 0) }], A.Node, preempt: false)?.Node);

    [Fact]
    public void A_node_on_standby_keeps_it_while_no_other_can_serve() =>
        Assert.Equal(A.Node, VipElection.Choose([A with { Standby = true }, B with { Fitness = new(false, true, 3) }], A.Node, preempt: false)?.Node);

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public void Who_does_not_serve_or_has_no_link_gets_nothing(bool serving, bool linkUp) =>
        Assert.Null(VipElection.Choose([A with { Fitness = new(serving, linkUp, 9) }], A.Node, preempt: true));

    [Fact]
    public void A_better_class_is_told_from_a_mere_preference()
    {
        Assert.Equal((1, false), VipElection.Rank(B, [A]));
        Assert.Equal((1, true), VipElection.Rank(B with { Standby = true }, [A]));
        Assert.Equal((0, false), VipElection.Rank(A, [B, B with { Fitness = new(false, true, 9) }]));
    }
}
