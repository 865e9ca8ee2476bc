using System;
using System.Collections.Generic;
using System.Net;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Cluster.Ownership;
using ExchangeLb.Cluster.Recording;
using ExchangeLb.Core.Model;
using Xunit;

namespace ExchangeLb.Cluster.Tests.Recording;

/// <summary>The third of three nodes, and a node alone.</summary>
public sealed class RecorderTests : IRecordHost
{
    private static readonly NodeId A = new(1), B = new(2), Self = new(3);
    private static readonly ClusterModel Model = new(
        "exchange",
        [Node(1), Node(2), Node(3)],
        [new(IPAddress.Parse("192.168.200.25"), 24, "eth0", [])]);

    private readonly List<string> _log = [];
    private bool _refusesLost;

    [Fact]
    public void A_second_crash_before_the_new_owner_has_told_finds_the_records_of_the_first_owner()
    {
        Recorder recorder = Third();
        recorder.MessageArrived(A, Records(), At(0));
        recorder.ViewChanged(View(B, Self), At(1));
        recorder.OwnerIs(0, B, At(1.5));
        recorder.Tick(At(4));

        recorder.ViewChanged(View(Self), At(5));
        recorder.Acquired(0, moved: false, At(5.5));

        Assert.Equal("take 1, restore, drop, restore, take over", string.Join(", ", _log));
    }

    /// <summary>Simulation, seed 506153: the new owner's own records come late.</summary>
    [Fact]
    public void Sockets_of_a_former_owners_records_are_dropped_when_the_present_one_is_heard_again()
    {
        Recorder recorder = Third();
        recorder.MessageArrived(A, Records(), At(0));
        recorder.OwnerIs(0, B, At(1));
        recorder.ViewChanged(View(A, Self), At(2));

        recorder.ViewChanged(View(A, B, Self), At(2.3));

        Assert.Equal("take 1, restore, drop", string.Join(", ", _log));
    }

    [Fact]
    public void Records_of_a_former_owner_are_forgotten_when_the_new_one_has_had_time_to_tell_its_own()
    {
        Recorder recorder = Third();
        recorder.MessageArrived(A, Records(), At(0));
        recorder.OwnerIs(0, B, At(1));
        recorder.MessageArrived(B, Records(), At(1));

        Assert.Equal(At(1) + Recorder.KeptAfterwards, recorder.Tick(At(2)));
        recorder.Tick(At(1) + Recorder.KeptAfterwards);

        Assert.Equal("take 1, take 2, forget 1", string.Join(", ", _log));
        Assert.Equal(TimeSpan.MaxValue, recorder.Tick(At(60)));
    }

    [Fact]
    public void An_owner_that_hears_another_node_again_has_its_sessions_asked_a_moment_later_and_once()
    {
        Recorder recorder = Third();
        recorder.ViewChanged(View(B, Self), At(1));
        recorder.Acquired(0, moved: false, At(2));
        recorder.ViewChanged(View(A, B, Self), At(10));
        recorder.RivalMet(0, At(10.5));
        _log.Clear();

        Assert.Equal(At(10) + Recorder.CheckAfter, recorder.Tick(At(10.6)));
        Assert.Empty(_log);
        Assert.Equal(TimeSpan.MaxValue, recorder.Tick(At(10) + Recorder.CheckAfter));
        Assert.Equal(["check"], _log);
    }

    [Theory]
    [InlineData(60, true)]
    [InlineData(200, false)]
    public void Sessions_that_came_along_are_asked_when_their_former_owner_may_not_have_done_with_it(double seconds, bool asked)
    {
        Recorder recorder = Third();
        recorder.ViewChanged(View(B, Self), At(1));
        recorder.ViewChanged(View(A, B, Self), At(10));

        recorder.Acquired(0, moved: true, At(10 + seconds));
        recorder.Tick(At(10 + seconds) + Recorder.CheckAfter);

        Assert.Equal(asked, _log.Contains("check"));
    }

    [Fact]
    public void A_rival_that_stays_has_the_sessions_asked_every_ten_seconds()
    {
        Recorder recorder = Third();
        recorder.Acquired(0, moved: false, At(2));
        for (double second = 3; second < 23.9; second += 0.1)
        {
            recorder.RivalMet(0, At(second));
            recorder.Tick(At(second));
        }

        Assert.Equal(2, _log.FindAll(what => what == "check").Count);
    }

    [Fact]
    public void A_node_that_has_lost_the_VIP_or_records_nothing_asks_no_session()
    {
        Recorder recorder = Third();
        recorder.Acquired(0, moved: false, At(2));
        recorder.RivalMet(0, At(3));
        recorder.Lost(0);
        recorder.RivalMet(0, At(3.5));
        recorder.Tick(At(60));
        recorder.Use(Model, on: false, At(61));
        recorder.Acquired(0, moved: false, At(62));
        recorder.RivalMet(0, At(63));
        recorder.Tick(At(120));

        Assert.DoesNotContain("check", _log);
    }

    [Fact]
    public void What_is_kept_over_the_loss_of_a_VIP_goes_on_and_is_asked_whether_it_went_on_elsewhere()
    {
        Recorder recorder = Third();
        recorder.Acquired(0, moved: false, At(2));
        _log.Clear();
        recorder.Slipped(0);
        Assert.Equal(["stop asking"], _log);
        recorder.ViewChanged(View(A, Self), At(3));
        recorder.ViewChanged(View(A, B, Self), At(3.5));
        Assert.Equal(["stop asking", "begin"], _log);      // who comes is told of them

        recorder.Acquired(0, moved: false, At(4));
        recorder.Tick(At(5));
        Assert.Equal(["stop asking", "begin", "begin", "check"], _log);
        recorder.Tick(At(60));
        Assert.Equal(4, _log.Count);
    }

    [Fact]
    public void What_was_kept_ends_once_another_node_is_owner()
    {
        Recorder recorder = Third();
        recorder.Acquired(0, moved: false, At(2));
        _log.Clear();

        recorder.Slipped(0);
        recorder.Lost(0);
        recorder.Abandoned(0);

        Assert.Equal(["stop asking", "end", "abandon", "cleared"], _log);
    }

    [Fact]
    public void What_was_handed_over_is_kept_for_as_long_as_the_records_of_a_former_owner()
    {
        Recorder recorder = Third();
        recorder.Acquired(0, moved: false, At(1));
        recorder.Lost(0);
        ulong? first = recorder.Gave(0, At(2));
        recorder.OwnerIs(0, A, At(2.1));
        _log.Clear();

        recorder.ViewChanged(View(B, Self), At(3));
        Assert.Equal(["restore"], _log);
        recorder.OwnerIs(0, A, At(3.5));
        recorder.Tick(At(2.1) + Recorder.KeptAfterwards);
        Assert.Equal(["restore", "drop", "forget 3"], _log);
        Assert.True(recorder.Gave(0, At(30)) > first);
    }

    [Fact]
    public void A_node_alone_tells_only_where_something_on_its_host_keeps_records()
    {
        Recorder kept = new(Model, Self, 1, this, isKept: true);
        kept.ViewChanged(View(Self), At(0));
        kept.Acquired(0, moved: false, At(1));
        Assert.Equal(["begin"], _log);

        kept.KeeperCame(At(2));
        Assert.Equal(["begin", "begin"], _log);
        _log.Clear();

        Recorder unheard = new(Model, Self, 1, this);
        unheard.ViewChanged(View(Self), At(0));
        unheard.Acquired(0, moved: false, At(1));
        unheard.KeeperCame(At(2));
        Assert.Empty(_log);
    }

    [Fact]
    public void An_owner_resets_what_another_node_has_lost_when_no_other_owner_can_be_left_and_it_has_sockets_of_what_goes_on()
    {
        Recorder recorder = Third();
        recorder.Acquired(0, moved: false, At(1));
        recorder.MessageArrived(A, Lost(7), At(2));
        recorder.RivalMet(0, At(2.5));
        Assert.Equal(At(3.5), recorder.Tick(At(3.1)));
        Assert.Equal(["begin"], _log);
        recorder.Tick(At(3.5));
        Assert.Equal(["begin", "reset 7"], _log[..2]);

        Recorder next = Third();
        next.MessageArrived(B, Records(), At(0.5));
        next.MessageArrived(A, Lost(8), At(1));
        _log.Clear();
        next.Acquired(0, moved: false, At(2));
        next.MessageArrived(A, Lost(9), At(2.1));
        Assert.Equal(["take over"], _log);
        next.Tick(At(3.2));
        next.TookOver(0, At(4));
        next.Tick(At(4.5));
        Assert.Equal(["take over", "cleared", "begin"], _log);
        next.Tick(At(5));
        Assert.Equal(["take over", "cleared", "begin", "reset 8", "reset 9"], _log);
    }

    [Fact]
    public void Who_loses_sessions_tells_the_others_or_the_first_one_that_it_hears_and_resets_them_itself_when_it_is_owner_then()
    {
        Recorder recorder = Third();
        recorder.Abandoning(0, [1], At(1));
        recorder.ViewChanged(View(Self), At(2));
        recorder.Abandoning(0, [2], At(3));
        Assert.Equal(["tell lost 1"], _log);

        recorder.Acquired(0, moved: false, At(4));
        recorder.Tick(At(8));
        recorder.ViewChanged(View(B, Self), At(9));
        recorder.Tick(At(9.9));
        recorder.Tick(At(10));

        Assert.Equal(["tell lost 1", "tell lost 1", "tell lost 2", "begin", "reset 1", "reset 2"], _log.FindAll(entry => entry != "check"));
    }

    [Fact]
    public void What_a_node_lost_that_has_left_since_is_reset_when_another_one_is_heard()
    {
        Recorder recorder = Third();
        recorder.Acquired(0, moved: false, At(1));
        recorder.MessageArrived(A, Lost(7), At(2));
        recorder.ViewChanged(View(Self), At(2.1));
        recorder.Tick(At(2) + Recorder.KeptAfterwards);
        Assert.DoesNotContain("reset 7", _log);

        recorder.ViewChanged(View(A, Self), At(300));
        recorder.Tick(At(301));

        Assert.Contains("reset 7", _log);

        recorder.MessageArrived(A, Lost(8), At(302));
        recorder.ViewChanged(View(Self), At(302.1));
        recorder.Tick(At(302.1) + Recorder.OwnLostFor);
        recorder.ViewChanged(View(A, Self), At(1000));
        recorder.Tick(At(1001));

        Assert.DoesNotContain("reset 8", _log);
    }

    [Fact]
    public void What_seemed_to_be_told_is_told_to_everybody_who_comes_and_what_could_not_be_sent_soon_again()
    {
        Recorder recorder = Third();
        _refusesLost = true;
        recorder.Abandoning(0, [1], At(1));
        Assert.Equal(At(1) + Recorder.TellLostAgain, recorder.Tick(At(1)));
        _refusesLost = false;
        recorder.Tick(At(1) + Recorder.TellLostAgain);
        Assert.Equal(["tell lost 1", "tell lost 1"], _log);
        Assert.Equal(At(1) + Recorder.OwnLostFor, recorder.Tick(At(3)));

        recorder.ViewChanged(View(Self), At(4));
        recorder.ViewChanged(View(A, Self), At(100));
        recorder.ViewChanged(View(A, B, Self), At(200));
        Assert.Equal(4, _log.FindAll(entry => entry == "tell lost 1").Count);

        Assert.Equal(TimeSpan.MaxValue, recorder.Tick(At(1) + Recorder.OwnLostFor));
        recorder.ViewChanged(View(A, Self), At(700));
        recorder.ViewChanged(View(A, B, Self), At(701));
        Assert.Equal(4, _log.FindAll(entry => entry == "tell lost 1").Count);
    }

    [Fact]
    public void Of_lost_sessions_nothing_is_kept_when_another_node_has_had_time_to_reset_them_or_there_are_too_many()
    {
        Recorder recorder = Third();
        recorder.MessageArrived(A, Lost(7), At(1));
        recorder.MessageArrived(A, Lost([.. new byte[Recorder.LostBytesMax]]), At(1));
        Assert.Equal(1, recorder.RejectedTotal);
        Assert.Equal(At(1) + Recorder.KeptAfterwards, recorder.Tick(At(2)));
        recorder.Tick(At(1) + Recorder.KeptAfterwards);

        recorder.Acquired(0, moved: false, At(12));
        recorder.Tick(At(14));

        Assert.Equal(["begin"], _log);
    }

    [Fact]
    public void What_cant_be_read_or_has_no_place_is_counted()
    {
        Recorder recorder = Third();

        recorder.MessageArrived(A, [1, 2, 3], At(0));

        Assert.Equal(1, recorder.RejectedTotal);
    }

    void IRecordHost.Begin(int vip, ulong incarnation) => _log.Add("begin");

    void IRecordHost.End(int vip) => _log.Add("end");

    string? IRecordHost.Take(NodeId owner, int vip, ReadOnlySpan<byte> records)
    {
        _log.Add($"take {owner}");
        return null;
    }

    void IRecordHost.Forget(NodeId owner, int vip) => _log.Add($"forget {owner}");

    void IRecordHost.Restore(int vip) => _log.Add("restore");

    void IRecordHost.StopAsking(int vip) => _log.Add("stop asking");

    void IRecordHost.Drop(int vip) => _log.Add("drop");

    void IRecordHost.TakeOver(int vip) => _log.Add("take over");

    void IRecordHost.Abandon(int vip) => _log.Add("abandon");

    void IRecordHost.Check(int vip) => _log.Add("check");

    bool IRecordHost.TellLost(int vip, ReadOnlySpan<byte> records)
    {
        _log.Add($"tell lost {string.Join('-', records.ToArray())}");
        return !_refusesLost;
    }

    void IRecordHost.ResetLost(int vip, ReadOnlySpan<byte> records) => _log.Add($"reset {string.Join('-', records.ToArray())}");

    void IRecordHost.Cleared(int vip, int losses) => _log.Add("cleared");

    private Recorder Third()
    {
        Recorder recorder = new(Model, Self, 1, this);
        recorder.ViewChanged(View(A, B, Self), At(0));
        return recorder;
    }

    private static byte[] Records()
    {
        byte[] body = new byte[RecordMessages.HeaderBytes + 1];
        RecordMessages.WriteHeader(body, OwnershipMessages.KeyOf(Model.Vips[0]));
        return body;
    }

    private static byte[] Lost(params byte[] records)
    {
        byte[] body = [.. new byte[RecordMessages.HeaderBytes], .. records];
        RecordMessages.WriteHeader(body, OwnershipMessages.KeyOf(Model.Vips[0]), areLost: true);
        return body;
    }

    private static ClusterView View(params NodeId[] members) => new(1, Self, [.. members], QuorumVerdict.Quorate);

    private static TimeSpan At(double seconds) => TimeSpan.FromSeconds(seconds);

    private static ClusterNodeModel Node(uint number) => new(number, $"lb{number}", [IPAddress.Parse($"192.168.200.2{number}")], 100);
}
