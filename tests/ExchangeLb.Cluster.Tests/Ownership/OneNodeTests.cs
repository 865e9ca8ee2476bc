using System;
using System.Linq;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Cluster.Ownership;
using Xunit;

namespace ExchangeLb.Cluster.Tests.Ownership;

/// <summary>One node's vote, its way to a VIP and its time as owner, each rule by itself; that they hold together the simulation shows.</summary>
public sealed class OneNodeTests
{
    private readonly OneNode _one = new();

    [Fact]
    public void A_node_that_starts_releases_what_an_earlier_life_left_before_it_says_anything() =>
        Assert.Equal("release", _one.Log[0]);

    [Fact]
    public void For_one_promise_after_its_start_a_node_grants_renewals_and_refuses_requests()
    {
        _one.Node.ViewChanged(OneNode.Both);
        _one.Says(OwnershipMessageType.Request);
        _one.Says(OwnershipMessageType.Renewal);

        Assert.Equal(["says Refuse", "says Grant"], _one.Log.Where(what => what is "says Refuse" or "says Grant"));
    }

    [Fact]
    public void Whoever_has_a_nodes_word_keeps_it_from_acquiring_for_a_full_promise()
    {
        _one.Node.ViewChanged(OneNode.Both);
        _one.Says(OwnershipMessageType.Renewal);

        _one.RunFor(409);
        Assert.DoesNotContain("claim", _one.Log);
        _one.RunFor(700);

        Assert.Contains("arm", _one.Log);
    }

    [Fact]
    public void A_released_promise_is_free_at_once_and_one_of_another_life_is_not()
    {
        _one.Node.ViewChanged(OneNode.Both);
        _one.RunFor(450);
        _one.Says(OwnershipMessageType.Renewal);
        _one.Says(OwnershipMessageType.Released, incarnation: OneNode.PeerIncarnation - 1, number: OwnershipMessages.All);
        _one.RunFor(100);
        Assert.DoesNotContain("arm", _one.Log);

        _one.Says(OwnershipMessageType.Released, number: OwnershipMessages.All);
        _one.RunFor(100);

        Assert.Contains("arm", _one.Log);
    }

    [Fact]
    public void A_granted_contender_claims_probes_three_times_and_arms()
    {
        _one.Node.ViewChanged(OneNode.Both);

        _one.RunGranted(500);

        Assert.Equal(["claim", "probe", "probe", "probe", "arm", "acquired"], _one.Log.SkipWhile(what => what != "claim").Where(what => !what.StartsWith("says", StringComparison.Ordinal)).Take(6));
    }

    [Fact]
    public void A_contender_that_is_answered_drops_its_claim_and_withdraws()
    {
        _one.Node.ViewChanged(OneNode.Both);
        while (!_one.Log.Contains("probe")) { _one.RunGranted(1); }

        _one.Node.ProbeAnswered(0, 2, new NodeId(2));

        Assert.Equal(["drop claim", "says Withdraw"], _one.Log.TakeLast(2));
        Assert.DoesNotContain("arm", _one.Log);
    }

    [Fact]
    public void Who_was_answered_by_a_peers_kernel_looks_before_it_shows_another_claim()
    {
        _one.Node.ViewChanged(OneNode.Alone);
        while (!_one.Log.Contains("claim")) { _one.RunFor(1); }
        _one.Node.ProbeAnswered(0, 2, new NodeId(2));
        _one.Log.Clear();

        while (!_one.Log.Contains("probe")) { _one.RunFor(1); }
        _one.Node.ProbeAnswered(0, 2, new NodeId(2));

        Assert.DoesNotContain("claim", _one.Log);
        _one.RunFor(200);
        Assert.Contains("arm", _one.Log);
    }

    [Fact]
    public void A_contender_that_a_foreign_host_answers_reports_it_and_pauses_for_a_second()
    {
        _one.Node.ViewChanged(OneNode.Both);
        while (!_one.Log.Contains("probe")) { _one.RunGranted(1); }
        _one.Node.ProbeAnswered(0, 0xff, null);
        _one.Log.Clear();

        _one.RunGranted(950);
        Assert.DoesNotContain("claim", _one.Log);
        _one.RunGranted(100);

        Assert.Contains("claim", _one.Log);
    }

    [Fact]
    public void An_owner_renews_eight_times_in_a_lease_and_lapses_when_nobody_grants()
    {
        Own();
        _one.RunGranted(400);
        Assert.InRange(_one.Log.Count(what => what == "renew"), 7, 9);
        _one.Log.Clear();

        _one.RunFor(395);

        Assert.Contains("lost: the lease lapsed", _one.Log);
        Assert.True(_one.Log.IndexOf("release") < _one.Log.IndexOf("lost: the lease lapsed"));
        Assert.Equal(VipLoss.ByAccident, _one.LastLoss);
    }

    [Fact]
    public void A_node_that_has_heard_another_owner_does_not_lose_the_vip_by_accident()
    {
        Own();
        _one.Says(OwnershipMessageType.Renewal, priority: 50);      // as after this node has stood still
        _one.RunFor(800);

        Assert.Contains("lost: the lease lapsed", _one.Log);
        Assert.Equal(VipLoss.ForGood, _one.LastLoss);
    }

    [Fact]
    public void Renewals_that_a_host_said_before_it_stood_still_do_not_make_an_owner_yield_to_it()
    {
        Own();
        _one.Node.ViewChanged(OneNode.Alone);
        _one.RunFor(1000);
        _one.Node.ViewChanged(OneNode.Both);

        _one.Says(OwnershipMessageType.Renewal, priority: 150);
        Assert.DoesNotContain(_one.Log, what => what.StartsWith("lost", StringComparison.Ordinal));
        _one.RunFor(60);
        _one.Says(OwnershipMessageType.Renewal, priority: 150);

        Assert.Contains("lost: lb2 owns it, too, and is preferred", _one.Log);
    }

    [Fact]
    public void A_host_that_goes_on_using_the_vip_while_its_node_is_not_there_is_named_after_two_seconds()
    {
        Own();
        _one.Node.ViewChanged(OneNode.Alone);
        for (int answers = 0; answers < 10; answers++)
        {
            _one.Node.ProbeAnswered(0, 2, new NodeId(2));
            _one.RunFor(190);
        }
        Assert.DoesNotContain("conflict with the host of 2", _one.Log);

        for (int answers = 0; answers < 3; answers++)
        {
            _one.Node.ProbeAnswered(0, 2, new NodeId(2));
            _one.RunFor(190);
        }

        Assert.Single(_one.Log, "conflict with the host of 2");
    }

    [Fact]
    public void A_commit_that_the_kernel_refuses_is_tried_again_before_the_lease_is_taken_for_gone()
    {
        Own();
        _one.RefusedCommits = 6;
        _one.RunGranted(100);
        Assert.DoesNotContain(_one.Log, what => what.StartsWith("lost", StringComparison.Ordinal));

        _one.RefusedCommits = 10;
        _one.RunGranted(380);

        Assert.Contains("lost: the kernel had no lease to renew", _one.Log);
    }

    [Fact]
    public void An_owner_says_that_it_released_only_when_its_kernel_has_confirmed_it()
    {
        Own();
        _one.Log.Clear();
        _one.RefusesRelease = true;
        _one.Node.FitnessChanged(0, new NodeFitness(false, true, 3));
        _one.RunFor(200);
        Assert.DoesNotContain(_one.Log, what => what.StartsWith("says", StringComparison.Ordinal) && what != "says Renewal");

        _one.RefusesRelease = false;
        _one.RunFor(100);

        Assert.Equal("lost: its loops do not turn", _one.Log.Single(what => what.StartsWith("lost", StringComparison.Ordinal)));
    }

    [Fact]
    public void An_owner_whose_peer_has_gone_goes_on_alone()
    {
        Own();
        _one.Node.ViewChanged(OneNode.Alone);
        _one.Log.Clear();

        _one.RunFor(2000);

        Assert.True(_one.Node[0].Solo);
        Assert.DoesNotContain(_one.Log, what => what.StartsWith("lost", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false, 0, 0, false)]
    [InlineData(false, 140, 10, true)]
    [InlineData(false, 140, 120, false)]
    [InlineData(false, 100, 10, false)]
    [InlineData(true, 0, 0, true)]
    public void One_goes_on_without_a_silent_peer_while_its_kernel_answers_or_when_it_never_answered(
        bool aloneUnanswered, int silentMs, int kernelAnsweredMsAgo, bool applies)
    {
        NodeState node = _one.State;
        node.See(OneNode.Both, _one.Now);
        TimeSpan now = _one.Now + TimeSpan.FromMilliseconds(silentMs);
        if (kernelAnsweredMsAgo > 0) { node.OnlyPeer!.KernelAnsweredAt = now - TimeSpan.FromMilliseconds(kernelAnsweredMsAgo); }

        Assert.Equal(applies, SoloRule.Applies(node, aloneUnanswered, now));
    }

    [Fact]
    public void A_commit_takes_off_what_can_be_late_and_a_pause_that_ate_the_grants_is_told()
    {
        KernelLease lease = new VipState(_one.State, _one.State.Model.Vips[0], 0).Holder.Lease;
        TimeSpan until = _one.Now + TimeSpan.FromMilliseconds(400);

        Assert.Equal(CommitOutcome.Done, lease.Commit(CommitKind.Acquire, until));
        Assert.Equal(until - TimeSpan.FromMilliseconds(16), lease.End);
        _one.PermitTakes = TimeSpan.FromMilliseconds(383);

        Assert.Equal(CommitOutcome.TooLate, lease.Commit(CommitKind.Renew, until));
        Assert.Equal(until - TimeSpan.FromMilliseconds(16), lease.End);
    }

    [Fact]
    public void A_refused_commit_is_tried_twice()
    {
        KernelLease lease = new VipState(_one.State, _one.State.Model.Vips[0], 0).Holder.Lease;

        _one.RefusedCommits = 1;
        Assert.Equal(CommitOutcome.Done, lease.Commit(CommitKind.Acquire, null));
        _one.RefusedCommits = 2;

        Assert.Equal(CommitOutcome.Refused, lease.Commit(CommitKind.Renew, null));
    }

    [Fact]
    public void Sessions_that_moved_take_the_vip_along_at_once()
    {
        MoveTo(2);

        Assert.True(_one.Node.Moved(0, _one.Move));

        Assert.Equal(["release frozen", "lost: handed over", "says Released"], _one.Log.SkipWhile(what => what != "release frozen"));
    }

    [Fact]
    public void A_vip_whose_link_is_down_and_that_nobody_else_can_serve_is_lost_by_accident()
    {
        Own();
        _one.Node.ViewChanged(OneNode.Alone);
        _one.RunFor(100);
        _one.Moves = true;

        _one.Node.FitnessChanged(0, new NodeFitness(true, false, 3));
        _one.RunFor(10);

        Assert.Contains("lost: the link is down", _one.Log);
        Assert.Equal(VipLoss.ByAccident, _one.LastLoss);
    }

    [Fact]
    public void A_node_that_ends_does_not_lose_its_vip_by_accident()
    {
        Own();
        _one.Node.ViewChanged(OneNode.Alone);
        _one.RunFor(100);

        _one.Node.Leave();

        Assert.Contains("lost: leaving", _one.Log);
        Assert.Equal(VipLoss.ForGood, _one.LastLoss);
    }

    [Fact]
    public void A_lapse_in_the_midst_of_a_hand_over_is_none_by_accident()
    {
        MoveTo(2);
        _one.RunFor(800);

        Assert.Contains("lost: the lease lapsed", _one.Log);
        Assert.Equal(VipLoss.ForGood, _one.LastLoss);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_vip_whose_link_is_down_goes_with_its_sessions_where_there_are_some_and_at_once_where_there_are_none(bool moves)
    {
        Own();
        _one.RunGranted(100);
        _one.Moves = moves;

        _one.Node.FitnessChanged(0, new NodeFitness(true, false, 3));
        _one.RunGranted(10);

        if (moves)
        {
            Assert.True(_one.IsUrgent);
            Assert.DoesNotContain(_one.Log, what => what.StartsWith("lost", StringComparison.Ordinal));
            Assert.True(_one.Node.Freeze(0, _one.Move));
            Assert.True(_one.Node.Moved(0, _one.Move));
        }
        Assert.Contains("lost: the link is down", _one.Log);
        Assert.Equal(moves ? VipLoss.WithSessions : VipLoss.ForGood, _one.LastLoss);
    }

    [Fact]
    public void Who_asks_for_a_connection_is_sent_on_at_once_and_what_came_for_sessions_when_they_run()
    {
        MoveTo(2);
        Assert.True(_one.Node.Moved(0, _one.Move));

        _one.Says(OwnershipMessageType.Renewal);
        Assert.Equal(["pass on new ones to 2"], _one.Log.Where(what => what.StartsWith("pass on", StringComparison.Ordinal)));
        _one.Node.Ran(0);

        Assert.Equal("pass on to 2", _one.Log[^1]);
    }

    [Fact]
    public void A_freeze_that_the_kernel_says_is_torn_at_the_release_keeps_vip_and_sessions()
    {
        MoveTo(2);
        _one.FreezeIsTorn = true;

        Assert.False(_one.Node.Moved(0, _one.Move));
        Assert.True(_one.Node.NotMoved(0, _one.Move));

        Assert.Equal(["release frozen", "unfreeze"], _one.Log.Where(what => what is "release frozen" or "unfreeze"));
        Assert.Equal(Core.Runtime.VipRole.Owner, _one.Node[0].Role);
    }

    [Fact]
    public void A_freeze_that_was_torn_meanwhile_is_not_mended_by_another()
    {
        MoveTo(2);
        _one.FreezeIsTorn = true;
        _one.RunGranted(600);
        _one.FreezeIsTorn = false;
        _one.RunGranted(600);

        Assert.False(_one.Node.Moved(0, _one.Move));
        Assert.False(_one.Node.Freeze(0, _one.Move));

        Assert.Single(_one.Log, "freeze on");
        Assert.DoesNotContain("release frozen", _one.Log);
    }

    [Fact]
    public void An_order_for_an_earlier_hand_over_is_not_obeyed()
    {
        MoveTo(2);
        ulong earlier = _one.Move;
        _one.Node.NotMoved(0, earlier);
        _one.Node.HandOver(0, new NodeId(2), out _);
        _one.Log.Clear();

        Assert.False(_one.Node.Freeze(0, earlier));
        Assert.True(_one.Node.Freeze(0, _one.Move));
        Assert.False(_one.Node.Moved(0, earlier));
        Assert.False(_one.Node.NotMoved(0, earlier));
        _one.RunGranted(100);

        Assert.NotEqual(earlier, _one.Move);
        Assert.Equal(Core.Runtime.VipRole.Releasing, _one.Node[0].Role);
    }

    [Fact]
    public void A_target_that_begins_to_leave_is_not_given_the_vip()
    {
        MoveTo(2);
        _one.Says(OwnershipMessageType.State, leaving: true);

        Assert.False(_one.Node.Moved(0, _one.Move));
        Assert.True(_one.Node.NotMoved(0, _one.Move));

        Assert.DoesNotContain("release frozen", _one.Log);
    }

    [Fact]
    public void A_node_that_is_a_little_better_and_takes_no_sessions_is_tried_again_later_and_later()
    {
        Own();
        _one.Moves = true;
        TimeSpan[] begun = new TimeSpan[3];
        for (int i = 0; i < begun.Length; i++)
        {
            while (_one.Node[0].Role != Core.Runtime.VipRole.Releasing) { _one.RunGranted(1, reached: 4); }
            begun[i] = _one.Now;
            Assert.False(_one.IsUrgent);
            Assert.True(_one.Node.MayStay(0, _one.Move));
            Assert.True(_one.Node.NotMoved(0, _one.Move));
        }

        Assert.InRange((begun[1] - begun[0]).TotalSeconds, 5, 5.5);
        Assert.InRange((begun[2] - begun[1]).TotalSeconds, 10, 10.5);
        Assert.DoesNotContain(_one.Log, what => what.StartsWith("lost", StringComparison.Ordinal));
    }

    [Fact]
    public void A_node_that_reaches_a_gateway_which_the_owner_does_not_gets_the_vip_without_its_sessions()
    {
        Own();
        _one.Moves = true;
        int reached = 3 + NodeFitness.GatewayWorth;
        while (_one.Node[0].Role != Core.Runtime.VipRole.Releasing) { _one.RunGranted(1, reached); }

        Assert.True(_one.IsUrgent);
        Assert.False(_one.Node.MayStay(0, _one.Move));
        Assert.False(_one.Node.NotMoved(0, _one.Move));
        _one.RunGranted(100, reached);

        Assert.Contains("lost: lb2 is preferred", _one.Log);
    }

    /// <summary>Its clients wait all the while: a mover that says nothing at all does not keep them for as long as one may tell ahead.</summary>
    [Fact]
    public void An_owner_that_clients_do_not_reach_gives_the_vip_up_soon_whatever_becomes_of_its_sessions()
    {
        Own();
        _one.Moves = true;
        int reached = 3 + NodeFitness.GatewayWorth;
        while (_one.Node[0].Role != Core.Runtime.VipRole.Releasing) { _one.RunGranted(1, reached); }

        _one.RunGranted(4700, reached);

        Assert.Contains("lost: lb2 is preferred", _one.Log);
    }

    /// <summary>Up to where the target has everything.</summary>
    private void MoveTo(uint node)
    {
        Own();
        _one.Moves = true;
        Assert.True(_one.Node.HandOver(0, new NodeId(node), out _));
        Assert.True(_one.Node.Freeze(0, _one.Move));
    }

    private void Own()
    {
        _one.Node.ViewChanged(OneNode.Both);
        _one.RunGranted(600);
        Assert.Equal(Core.Runtime.VipRole.Owner, _one.Node[0].Role);
        _one.Log.Clear();
    }
}
