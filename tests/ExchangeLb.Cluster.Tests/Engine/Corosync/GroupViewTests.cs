using System.Linq;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Cluster.Engine.Corosync;
using ExchangeLb.Linux.Corosync;
using Xunit;

namespace ExchangeLb.Cluster.Tests.Engine.Corosync;

public sealed class GroupViewTests
{
    private static readonly RingId Ring1 = new(1, 100);
    private static readonly RingId Ring2 = new(1, 104);

    private readonly GroupView _pair = New(2);

    [Fact]
    public void The_first_view_waits_for_its_verdict()
    {
        _pair.QuorumDecided(Ring1, true);

        ClusterView? first = Members(_pair, 1, 2);
        ClusterView? judged = _pair.RingChanged(Ring1, [1, 2]);

        Assert.Equal((1, QuorumVerdict.Pending), (first!.Epoch, first.Quorum));
        Assert.Equal((1, QuorumVerdict.Quorate), (judged!.Epoch, judged.Quorum));
        Assert.Equal<NodeId>([new NodeId(1), new NodeId(2)], judged!.Members);
    }

    [Fact]
    public void A_verdict_on_another_ring_is_none()
    {
        Members(_pair, 1, 2);
        _pair.RingChanged(Ring1, [1, 2]);

        Assert.Null(_pair.QuorumDecided(Ring2, true));
        Assert.Equal(QuorumVerdict.Pending, _pair.Current!.Quorum);
    }

    [Fact]
    public void A_node_that_was_lost_takes_the_former_verdict_with_it()
    {
        Quorate(_pair, 1, 2);

        ClusterView? alone = Members(_pair, [1], Gone(2, CpgReason.CPG_REASON_NODEDOWN));
        ClusterView? ring = _pair.RingChanged(Ring2, [1]);
        ClusterView? judged = _pair.QuorumDecided(Ring2, true);

        Assert.Equal((2, QuorumVerdict.Pending), (alone!.Epoch, alone.Quorum));
        Assert.Null(ring);
        Assert.Equal((2, QuorumVerdict.Quorate), (judged!.Epoch, judged.Quorum));
    }

    [Fact]
    public void The_same_whichever_of_ring_and_members_is_told_first()
    {
        Quorate(_pair, 1, 2);

        _pair.RingChanged(Ring2, [1]);
        _pair.QuorumDecided(Ring2, false);
        ClusterView? alone = Members(_pair, [1], Gone(2, CpgReason.CPG_REASON_NODEDOWN));

        Assert.Equal(QuorumVerdict.Inquorate, alone!.Quorum);
    }

    [Fact]
    public void A_balancer_that_ends_in_a_ring_that_stays_takes_no_verdict_with_it()
    {
        Quorate(_pair, 1, 2);

        ClusterView? alone = Members(_pair, [1], Gone(2, CpgReason.CPG_REASON_PROCDOWN));

        Assert.Equal(QuorumVerdict.Quorate, alone!.Quorum);
    }

    [Fact]
    public void A_node_that_joins_from_outside_the_ring_waits_for_the_ring_that_carries_it()
    {
        Quorate(_pair, 1);

        ClusterView? both = Members(_pair, 1, 2);

        Assert.Equal((2, QuorumVerdict.Pending), (both!.Epoch, both.Quorum));
    }

    [Fact]
    public void Another_life_of_a_node_is_another_view_of_the_same_members()
    {
        Quorate(_pair, 1, 2);

        ClusterView? view = _pair.MembersChanged([Process(1, 10), Process(2, 99)], [Gone(2, CpgReason.CPG_REASON_PROCDOWN)]);

        Assert.Equal(2, view!.Epoch);
        Assert.Equal<NodeId>([new NodeId(1), new NodeId(2)], view!.Members);
    }

    [Fact]
    public void Of_three_nodes_one_alone_is_not_quorate_though_its_ring_is()
    {
        GroupView three = New(3);
        Members(three, 1);
        three.RingChanged(Ring1, [1, 2, 3]);
        three.QuorumDecided(Ring1, true);

        Assert.Equal(QuorumVerdict.Inquorate, three.Current!.Quorum);
        Assert.Equal(QuorumVerdict.Quorate, Members(three, 1, 3)!.Quorum);
    }

    [Fact]
    public void A_lost_connection_is_a_pending_view_of_the_node_alone_until_there_is_another()
    {
        Quorate(_pair, 1, 2);

        ClusterView? lost = _pair.Lost();
        _pair.Connected(settling: false);

        Assert.Equal((2, QuorumVerdict.Pending), (lost!.Epoch, lost.Quorum));
        Assert.Equal<NodeId>([new NodeId(1)], lost!.Members);
        Assert.Null(_pair.QuorumDecided(Ring2, true));
        Assert.Null(_pair.RingChanged(Ring2, [1]));
        Assert.Equal((3, QuorumVerdict.Quorate), (Members(_pair, 1)!.Epoch, _pair.Current!.Quorum));
    }

    [Fact]
    public void While_a_fresh_Corosync_settles_its_absent_peers_are_not_dead()
    {
        _pair.Connected(settling: true);
        Quorate(_pair, 1);
        Assert.Equal(QuorumVerdict.Pending, _pair.Current!.Quorum);

        Assert.Equal(QuorumVerdict.Quorate, _pair.Settled()!.Quorum);
    }

    [Fact]
    public void The_only_node_of_a_cluster_need_not_settle()
    {
        GroupView one = New(1);
        one.Connected(settling: true);

        Quorate(one, 1);

        Assert.Equal(QuorumVerdict.Quorate, one.Current!.Quorum);
    }

    [Fact]
    public void A_node_that_is_not_configured_is_no_member()
    {
        Quorate(_pair, 1, 2);
        _pair.RingChanged(Ring2, [1, 2, 7]);
        _pair.QuorumDecided(Ring2, true);

        Assert.Null(Members(_pair, [1, 2, 7], []));
        Assert.False(_pair.Has(7));
    }

    private static GroupView New(int nodes) => new(new NodeId(1), [.. Enumerable.Range(1, nodes).Select(id => new NodeId((uint)id))]);

    private static void Quorate(GroupView view, params uint[] nodes)
    {
        Members(view, nodes);
        view.RingChanged(Ring1, nodes);
        view.QuorumDecided(Ring1, true);
    }

    private static ClusterView? Members(GroupView view, params uint[] nodes) => Members(view, nodes, []);

    private static ClusterView? Members(GroupView view, uint[] nodes, params CpgAddress[] left) =>
        view.MembersChanged([.. nodes.Select(node => Process(node, 10))], left);

    private static CpgAddress Process(uint node, uint pid) => new(node, pid, CpgReason.CPG_REASON_UNDEFINED);

    private static CpgAddress Gone(uint node, CpgReason reason) => new(node, 10, reason);
}
