using System;
using System.Collections.Immutable;
using System.Linq;
using System.Net;
using System.Text;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Cluster.Moving;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Runtime;
using Xunit;

namespace ExchangeLb.Cluster.Tests.Moving;

public sealed class MoverTests
{
    private static readonly NodeId A = new(1);
    private static readonly NodeId B = new(2);
    private static readonly ClusterModel Model = new(
        "exchange",
        [new(1, "lb1", [IPAddress.Parse("192.168.200.21")], 100), new(2, "lb2", [IPAddress.Parse("192.168.200.22")], 100)],
        [new(IPAddress.Parse("192.168.200.25"), 24, "eth0", [])]);

    private readonly FakeHost _a = new();
    private readonly FakeHost _b = new();
    private readonly Mover _owner;
    private readonly Mover _target;
    private TimeSpan _now = TimeSpan.FromSeconds(100);
    private bool _runs = true;

    public MoverTests()
    {
        _owner = new Mover(Model, A, _a);
        _target = new Mover(Model, B, _b);
        _owner.Acquired(0, _now);
        _owner.Begin(0, B, Move, 3, urgent: false, _now);
    }

    [Fact]
    public void Sessions_run_at_the_target_once_the_owner_has_let_go_and_the_vip_has_come()
    {
        Ship("one", "two", "three");
        Assert.Equal(["tell", "hold", "freeze", "moved"], _a.Done);
        Assert.DoesNotContain("run", _b.Done);

        Release();
        Talk();
        Assert.DoesNotContain("run", _b.Done);
        _target.Acquired(0, _now);
        Talk();

        Assert.Equal(["one", "two", "three"], _b.Adopted);
        Assert.Equal(["run", "took 3"], _b.Done);
        Assert.Equal(["tell", "hold", "freeze", "moved", "given", "forget", "ran"], _a.Done);
        Assert.Equal((3, null), (_a.Outcome!.Moved, _a.Outcome.Trouble));
        Assert.True(_owner.IsIdle);
    }

    [Fact]
    public void Where_clients_do_not_reach_the_owner_nothing_is_told_ahead()
    {
        const ulong Urgent = Move + 1;
        _owner.Lost(0, _now);
        Talk();
        _owner.Acquired(0, _now);
        _owner.Begin(0, B, Urgent, 100_000, urgent: true, _now);
        _a.Done.Clear();

        Talk();
        _owner.YoungDone(0);
        Talk();
        _owner.Image(0, Urgent, 1, "one"u8.ToArray());
        _owner.Froze(0, Urgent, new FrozenSessions(1, 0, 3), "", _now);
        Talk();

        Assert.Equal(["hold", "freeze", "moved"], _a.Done);
        Assert.Equal(["one"], _b.Adopted);
    }

    [Fact]
    public void The_owner_sends_on_what_came_once_all_sessions_run_at_the_target()
    {
        Ship("one");
        Release();
        _target.Acquired(0, _now);
        _runs = false;
        Talk();
        _now += MoveLimits.Again;
        Talk();
        Assert.Contains("run", _b.Done);
        Assert.DoesNotContain("ran", _a.Done);

        _runs = true;
        Talk();

        Assert.Contains("ran", _a.Done);
    }

    [Fact]
    public void The_vip_may_come_before_the_owner_lets_go()
    {
        Ship("one");

        _target.Acquired(0, _now);
        Talk();
        Assert.DoesNotContain("run", _b.Done);
        Release();
        Talk();

        Assert.Equal(["run", "took 1"], _b.Done);
    }

    [Fact]
    public void Images_larger_than_a_message_and_many_small_ones_arrive_whole()
    {
        string[] images = [new('x', 5000), .. Enumerable.Range(0, 200).Select(i => $"image {i}"), "", new('y', 1021)];

        Ship(images);

        Assert.Equal(images, _b.Adopted);
    }

    [Fact]
    public void More_than_the_window_goes_out_as_the_target_comes_along()
    {
        string[] images = [.. Enumerable.Repeat(new string('z', 900_000), 6)];

        Ship(images);

        Assert.Equal(images, _b.Adopted);
    }

    [Fact]
    public void Without_the_targets_progress_no_more_than_the_window_goes_out()
    {
        Ask();
        _owner.Image(0, Move, 1, new byte[4 * MoveLimits.WindowBytes]);

        for (int i = 0; i < 10_000; i++) { _owner.Tick(_now); }

        long sent = _a.Sent.Sum(body => (long)body.Length - MoveMessages.HeaderBytes);
        Assert.Equal(MoveLimits.WindowBytes, sent);
    }

    [Fact]
    public void A_target_that_can_not_read_an_image_leaves_all_sessions_with_their_owner()
    {
        _b.Damage = "it is damaged";

        Ship("one", "two", "three");
        _owner.Kept(0, Move, true, _now);
        Talk();

        Assert.Equal(["tell", "hold", "freeze", "not moved: lb2 refused: it is damaged", "resume"], _a.Done);
        Assert.Equal(["drop", "took 0"], _b.Done);
        Assert.Equal("lb2 refused: it is damaged", _a.Outcome!.Trouble);
    }

    [Fact]
    public void Where_the_target_has_no_room_for_some_all_stay_if_the_address_may()
    {
        const string Why = "lb2 can't take 1 of 3: no room";
        _b.RoomFor = 2;

        Ship("one", "two", "three");
        Talk();
        Assert.Equal(["tell", "hold", "freeze", "may it stay"], _a.Done);
        _owner.MayStay(0, Move, true, _now);
        _owner.Kept(0, Move, true, _now);
        Talk();

        Assert.Equal(["tell", "hold", "freeze", "may it stay", $"not moved: {Why}", "resume"], _a.Done);
        Assert.Equal(["drop", "took 0"], _b.Done);
        Assert.Equal(Why, _a.Outcome!.Trouble);
    }

    [Fact]
    public void Where_the_target_has_no_room_for_some_and_the_address_must_go_the_others_go_along()
    {
        _b.RoomFor = 2;

        Ship("one", "two", "three");
        _owner.MayStay(0, Move, false, _now);
        Talk();
        Assert.Equal("moved", _a.Done[^1]);
        Release();
        Talk();
        _target.Acquired(0, _now);
        Talk();

        Assert.Equal(["run", "took 2"], _b.Done);
        Assert.Equal((2, 1, null), (_a.Outcome!.Moved, _a.Outcome.Left, _a.Outcome.Trouble));
    }

    /// <summary>The answer of the lease's thread to "moved" was on its way when the move was called off: its sessions are nowhere but in what is known of them.</summary>
    [Fact]
    public void What_was_released_for_a_move_that_was_called_off_meanwhile_is_kept_as_records()
    {
        Ship("one");
        Talk();
        Assert.Equal("moved", _a.Done[^1]);
        _owner.ViewChanged(new ClusterView(2, A, [A], QuorumVerdict.Quorate));
        Release();

        Assert.Equal(["given", "forget"], _a.Done[^2..]);
    }

    [Fact]
    public void A_target_that_can_not_take_sessions_is_not_sent_any()
    {
        _b.Lack = "its kernel can't";

        Talk();

        Assert.Equal(["not moved: lb2 refused: its kernel can't"], _a.Done);
    }

    [Fact]
    public void A_target_that_does_not_answer_is_given_up_before_anything_is_frozen()
    {
        _owner.Tick(_now);
        _owner.Tick(_now + MoveLimits.Answer);

        Assert.Equal(["not moved: lb2 did not answer"], _a.Done);
    }

    [Fact]
    public void Of_what_was_told_ahead_and_is_still_so_only_the_numbers_are_said_and_the_rest_never_was()
    {
        Ask("one", "two", "three", "four");
        Assert.Equal(4, _b.Told.Count);
        Assert.Empty(_b.Adopted);

        _owner.AsTold(0, Move, [1, 3]);
        _owner.Image(0, Move, 2, "two, later"u8.ToArray());
        _owner.Froze(0, Move, new FrozenSessions(3, 0, 10, AsTold: 2), "", _now);
        Talk();

        Assert.Equal(["one", "three", "two, later"], _b.Adopted);
        Assert.Empty(_b.Told);
        Release();
        _target.Acquired(0, _now);
        Talk();
        Assert.Equal((3, 2, null), (_a.Outcome!.Moved, _a.Outcome.Ahead, _a.Outcome.Trouble));
    }

    [Fact]
    public void A_target_knows_when_sessions_are_about_to_be_frozen()
    {
        Talk();
        _owner.YoungDone(0);
        _owner.Told(0, Move, 1, "one"u8.ToArray());
        Talk();
        Assert.Equal((0, 1), (_b.Expected, _a.Done.Count));

        _owner.AllTold(0, Move);
        Talk();

        Assert.Equal((1, "freeze"), (_b.Expected, _a.Done[^1]));
    }

    [Fact]
    public void Nothing_is_frozen_before_the_target_is_done_with_what_was_told_ahead()
    {
        Talk();
        _owner.YoungDone(0);
        _owner.Told(0, Move, 1, "one"u8.ToArray());
        _owner.AllTold(0, Move);
        _owner.Tick(_now);
        _a.Sent.Clear();        // it never gets there

        Talk();

        Assert.Equal(["tell"], _a.Done);
    }

    [Fact]
    public void Telling_ahead_that_takes_too_long_is_cut_short_by_the_freeze()
    {
        Talk();
        _owner.YoungDone(0);
        _owner.Told(0, Move, 1, "one"u8.ToArray());

        _now += MoveLimits.Telling;
        Talk();

        Assert.Equal(["tell", "hold", "freeze"], _a.Done);
        _owner.AllTold(0, Move);
        _owner.AsTold(0, Move, [1]);
        _owner.Froze(0, Move, new FrozenSessions(1, 0, 0, AsTold: 1), "", _now);
        Talk();
        Assert.Equal(["one"], _b.Adopted);
    }

    [Fact]
    public void Telling_ahead_goes_on_while_the_target_gets_on_with_it_but_not_for_ever()
    {
        Talk();
        _owner.YoungDone(0);
        TimeSpan began = _now;
        ulong session = 0;
        while (_now - began < MoveLimits.TellingInAll)
        {
            Assert.Equal(["tell"], _a.Done);
            _owner.Told(0, Move, ++session, new byte[2 * MoveLimits.ProgressBytes]);
            _now += MoveLimits.Telling - TimeSpan.FromMilliseconds(100);
            Talk();
        }

        Assert.Equal(["tell", "hold", "freeze"], _a.Done);
        _now += MoveLimits.Whole - TimeSpan.FromMilliseconds(1);    // it is counted from then
        Talk();
        Assert.Equal(["tell", "hold", "freeze"], _a.Done);
        Assert.Equal(session - 1, (ulong)_b.Told.Count);    // though that took longer than it keeps what it hears nothing of; the last piece waits for more
        Assert.DoesNotContain("drop", _b.Done);
    }

    [Fact]
    public void A_number_that_was_not_told_leaves_all_sessions_with_their_owner()
    {
        Ask("one");

        _owner.AsTold(0, Move, [1, 2]);
        _owner.Froze(0, Move, new FrozenSessions(2, 0, 0, AsTold: 2), "", _now);
        Talk();

        Assert.Contains("not moved: lb2 refused: it was not told", _a.Done);
        Assert.Contains("drop", _b.Done);
    }

    [Fact]
    public void A_move_that_is_called_off_while_it_is_told_leaves_nothing_there()
    {
        Talk();
        _owner.Told(0, Move, 1, "one"u8.ToArray());
        Talk();

        _owner.Lost(0, _now);
        Talk();

        Assert.Equal(["tell", "not moved: this node lost the VIP meanwhile", "forget"], _a.Done);
        Assert.Equal(["drop", "took 0"], _b.Done);
    }

    [Fact]
    public void A_target_that_becomes_owner_amid_telling_drops_what_it_was_told()
    {
        Talk();
        _owner.Told(0, Move, 1, "one"u8.ToArray());
        Talk();

        _target.Acquired(0, _now);

        Assert.Contains("drop", _b.Done);
        Assert.False(_target.IsTaking(0));
    }

    [Fact]
    public void Sessions_stay_when_the_freeze_did_not_hold_until_the_release()
    {
        Ship("one");

        _owner.Released(0, Move, false, _now);
        _owner.Kept(0, Move, true, _now);
        Talk();
        _target.Acquired(0, _now);
        Talk();

        Assert.Equal("resume", _a.Done[^1]);
        Assert.Equal(["drop", "took 0"], _b.Done);
    }

    [Fact]
    public void Sessions_that_were_frozen_for_a_move_wait_with_the_others_when_the_vip_is_lost_by_accident_right_after()
    {
        Ask();
        _owner.ViewChanged(new ClusterView(2, A, [A], QuorumVerdict.Quorate));      // the target has died
        Talk();
        _owner.Kept(0, Move, true, _now);

        _owner.Lost(0, _now, areKept: true);
        _owner.Froze(0, Move, new FrozenSessions(1, 0, 3), "", _now);
        Talk();

        Assert.Equal("resume", _a.Done[^1]);
        Assert.DoesNotContain("forget", _a.Done);
        Assert.True(_owner.IsIdle);
    }

    [Fact]
    public void A_vip_that_is_lost_otherwise_while_it_should_be_released_lets_nobody_run_its_sessions()
    {
        Ship("one");

        _owner.Lost(0, _now);
        _owner.Released(0, Move, false, _now);
        _owner.Kept(0, Move, false, _now);
        Talk();
        _target.Acquired(0, _now);
        Talk();

        Assert.Equal("forget", _a.Done[^1]);
        Assert.DoesNotContain("run", _b.Done);
    }

    [Fact]
    public void Sessions_that_are_not_all_there_in_time_stay()
    {
        Ask();
        _owner.Image(0, Move, 1, "one"u8.ToArray());

        _now += MoveLimits.Whole;
        Talk();
        _owner.Froze(0, Move, new FrozenSessions(1, 0, 3), "", _now);
        _owner.Kept(0, Move, true, _now);

        Assert.Equal("resume", _a.Done[^1]);
        Assert.Equal("drop", _b.Done[0]);
    }

    [Fact]
    public void A_target_that_hears_the_last_pieces_and_the_end_in_one_turn_is_ready_without_being_asked_again()
    {
        Ask();
        byte[] image = Encoding.UTF8.GetBytes(new string('z', MoveLimits.ProgressBytes + 1));
        _owner.Image(0, Move, 1, image);
        _owner.Froze(0, Move, new FrozenSessions(1, 0, image.Length), "", _now);
        for (int turn = 0; turn < 100; turn++) { _owner.Tick(_now); }

        Talk();

        Assert.Contains("moved", _a.Done);
    }

    [Fact]
    public void Nor_is_one_asked_again_that_hears_what_is_told_ahead_and_that_it_was_all_in_one_turn()
    {
        _owner.YoungDone(0);
        Talk();
        _owner.Told(0, Move, 1, Encoding.UTF8.GetBytes(new string('z', MoveLimits.ProgressBytes + 1)));
        _owner.Told(0, Move, 2, Encoding.UTF8.GetBytes(new string('y', 5000)));
        _owner.AllTold(0, Move);
        for (int turn = 0; turn < 100; turn++) { _owner.Tick(_now); }

        Talk();

        Assert.Contains("freeze", _a.Done);
    }

    [Fact]
    public void Nobody_who_waits_and_could_not_be_accepted_is_left_behind_by_a_vip_that_may_stay()
    {
        Ask();
        _owner.Image(0, Move, 1, "one"u8.ToArray());
        _owner.Froze(0, Move, new FrozenSessions(1, 0, 3, AreMore: true), "", _now);
        _owner.MayStay(0, Move, true, _now);
        Talk();
        _owner.Kept(0, Move, true, _now);
        Talk();

        Assert.Equal("resume", _a.Done[^1]);
        Assert.Equal("drop", _b.Done[0]);
        Assert.DoesNotContain("run", _b.Done);
    }

    /// <summary>Nobody waits for it: new connections are not even held.</summary>
    [Theory]
    [InlineData(IMovableSessions.BytesMax + 1, 1)]
    [InlineData(IMovableSessions.SessionBytesMax + 1, IMovableSessions.SessionBytesMax + 1)]
    public void More_bytes_than_may_be_moved_are_not_frozen_for_nothing(long all, long most)
    {
        Talk();
        _owner.AllTold(0, Move, new BytesInHand(all, most));
        Talk();
        Assert.Equal(["tell", "may it stay"], _a.Done);

        _owner.MayStay(0, Move, true, _now);
        Talk();
        _owner.Kept(0, Move, true, _now);

        Assert.DoesNotContain("hold", _a.Done);
        Assert.DoesNotContain("freeze", _a.Done);
        Assert.Contains("more waits in its connections than may be moved (448 MiB, 31 MiB of one)", _a.Outcome!.Trouble, StringComparison.Ordinal);
    }

    [Fact]
    public void A_vip_that_must_go_leaves_those_behind_that_are_too_large()
    {
        Talk();
        _owner.YoungDone(0);
        _owner.AllTold(0, Move, new BytesInHand(IMovableSessions.BytesMax + 1, 1));
        Talk();
        _owner.MayStay(0, Move, false, _now);
        Talk();
        Assert.Equal("freeze", _a.Done[^1]);
        _owner.Image(0, Move, 1, "one"u8.ToArray());
        _owner.Froze(0, Move, new FrozenSessions(1, 1, 3, AreTooLarge: true), "", _now);
        _owner.MayStay(0, Move, false, _now);
        Talk();
        Release();
        _target.Acquired(0, _now);
        Talk();

        Assert.Equal((1, 1, null, true), (_a.Outcome!.Moved, _a.Outcome.Left, _a.Outcome.Trouble, _a.Outcome.AreTooLarge));
    }

    [Fact]
    public void A_vip_that_must_go_takes_along_whom_it_can()
    {
        Ask();
        _owner.Image(0, Move, 1, "one"u8.ToArray());
        _owner.Froze(0, Move, new FrozenSessions(1, 0, 3, AreMore: true), "", _now);
        Talk();
        Assert.DoesNotContain("moved", _a.Done);
        _owner.MayStay(0, Move, false, _now);
        Talk();
        Release();
        _target.Acquired(0, _now);
        Talk();

        Assert.Contains("run", _b.Done);
        Assert.Equal((1, null, true), (_a.Outcome!.Moved, _a.Outcome.Trouble, _a.Outcome.AreMore));
    }

    [Fact]
    public void Whom_the_target_could_not_run_is_counted_as_left()
    {
        _b.Unrun = 1;
        Ship("one", "two", "six");
        Release();
        _target.Acquired(0, _now);
        Talk();

        Assert.Equal((2, 1, null), (_a.Outcome!.Moved, _a.Outcome.Left, _a.Outcome.Trouble));
    }

    [Fact]
    public void Sessions_do_not_go_on_while_some_are_still_being_frozen()
    {
        Ask();
        _owner.ViewChanged(new ClusterView(2, A, [A], QuorumVerdict.Quorate));

        _owner.Kept(0, Move, true, _now);
        Assert.DoesNotContain("resume", _a.Done);
        _owner.Froze(0, Move, new FrozenSessions(0, 0, 0), "", _now);

        Assert.Equal("resume", _a.Done[^1]);
    }

    [Fact]
    public void An_owner_that_loses_the_vip_before_all_was_there_lets_nobody_run_them()
    {
        Ask();
        _owner.Image(0, Move, 1, "one"u8.ToArray());
        _owner.Lost(0, _now);
        _owner.Froze(0, Move, new FrozenSessions(1, 0, 3), "", _now);
        Talk();
        _target.Acquired(0, _now);
        Talk();

        Assert.Equal("forget", _a.Done[^1]);
        Assert.Equal(["drop", "took 0"], _b.Done);
    }

    [Fact]
    public void Adopted_sessions_are_dropped_when_their_owner_leaves_without_a_word()
    {
        Ship("one");

        _target.ViewChanged(new ClusterView(2, B, [B], QuorumVerdict.Quorate));
        _target.Acquired(0, _now);

        Assert.Equal(["drop", "took 0"], _b.Done);
    }

    [Fact]
    public void Adopted_sessions_are_dropped_when_no_word_comes()
    {
        Ship("one");

        _target.Tick(_now + MoveLimits.Adopted);

        Assert.Equal(["drop", "took 0"], _b.Done);
    }

    [Fact]
    public void Sessions_that_run_are_no_more_run_by_a_word_that_is_repeated()
    {
        Ship("one");
        _target.Acquired(0, _now);
        Release();
        _owner.Tick(_now);
        byte[] go = _a.Sent.Peek();
        Talk();

        _target.MessageArrived(A, go, _now);
        _target.Tick(_now);

        Assert.Single(_b.Done, "run");
        Assert.NotEmpty(_b.Sent); // it is told once more that they run
    }

    [Fact]
    public void What_crosses_a_change_of_view_is_said_again()
    {
        Ship("one");
        _target.Acquired(0, _now);
        Release();
        _owner.Tick(_now);
        _a.Sent.Clear();

        _now += MoveLimits.Again;
        Talk();

        Assert.Contains("run", _b.Done);
    }

    [Fact]
    public void A_full_engine_is_tried_again_soon_and_nothing_is_lost()
    {
        _a.Busy = true;
        TimeSpan due = _owner.Tick(_now);
        _a.Busy = false;
        Ship("one", "two");

        Assert.True(due <= _now + MoveLimits.Busy);
        Assert.Equal(["one", "two"], _b.Adopted);
    }

    [Fact]
    public void What_is_told_of_many_small_sessions_goes_out_in_few_messages()
    {
        Talk();
        for (uint i = 1; i <= 200; i++)
        {
            _owner.Told(0, Move, i, new byte[50]);
            _owner.Tick(_now);
        }

        int whole = _a.Sent.Count(body => body.Length == _a.BodyMaxBytes);
        Assert.True(whole > 5 && whole == _a.Sent.Count, $"{whole} of {_a.Sent.Count} are full");
    }

    [Fact]
    public void A_missing_piece_is_noticed_and_refused()
    {
        Ask();
        _owner.Image(0, Move, 1, new byte[3000]);
        _owner.Tick(_now);
        _a.Sent.Dequeue();
        Talk();

        Assert.Contains("not moved: lb2 refused: a piece of the stream is missing", _a.Done);
        Assert.Contains("drop", _b.Done);
    }

    [Fact]
    public void A_node_that_loses_the_vip_while_sessions_begin_to_run_ends_them()
    {
        Ship("one");
        Release();
        _target.Acquired(0, _now);
        Talk();

        _target.Lost(0, _now);

        Assert.Equal("cut", _b.Done[^1]);
    }

    [Fact]
    public void A_target_that_begins_to_leave_gives_back_what_it_has_adopted()
    {
        Ship("one");

        _target.Leave();
        Talk();
        _owner.Released(0, Move, false, _now);
        _owner.Kept(0, Move, true, _now);

        Assert.Equal(["drop", "took 0"], _b.Done);
        Assert.Equal(["tell", "hold", "freeze", "moved", "not moved: lb2 refused: it is leaving", "resume"], _a.Done);
    }

    [Fact]
    public void A_node_that_is_leaving_takes_no_sessions()
    {
        _target.Leave();

        Talk();

        Assert.Equal(["not moved: lb2 refused: it is leaving"], _a.Done);
    }

    [Fact]
    public void What_was_let_go_to_a_node_before_it_began_to_leave_still_runs_there_if_the_vip_comes()
    {
        Ship("one");
        Release();
        Talk();

        _target.Leave();
        _target.Acquired(0, _now);

        Assert.Equal(["run", "took 1"], _b.Done);
    }

    [Fact]
    public void An_assembler_that_is_done_keeps_no_memory()
    {
        ImageQueue queue = new();
        queue.Add(new byte[100_000]);
        byte[] piece = new byte[50_000];
        queue.Peek(piece);
        ImageAssembler assembler = new();
        ReadOnlySpan<byte> rest = piece;
        assembler.TryTake(ref rest, out _);
        Assert.True(assembler.BufferBytes >= 100_000);

        assembler.Clear();

        Assert.Equal((0, false), (assembler.BufferBytes, assembler.IsAmid));
    }

    [Fact]
    public void A_node_that_owns_the_vip_takes_no_sessions_of_it()
    {
        _target.Acquired(0, _now);

        Talk();

        Assert.Equal(["not moved: lb2 refused: it owns the VIP itself"], _a.Done);
    }

    [Fact]
    public void Where_there_is_a_connection_images_and_what_is_said_about_them_go_on_it_and_all_else_by_the_engine()
    {
        _a.OnConnection = new();
        Ask("one");
        _owner.AsTold(0, Move, [1]);
        _owner.Image(0, Move, 2, "two"u8.ToArray());
        _owner.Froze(0, Move, new FrozenSessions(2, 0, 3, AsTold: 1), "", _now);
        _owner.Tick(_now);

        Assert.Empty(_a.Sent);
        Assert.Equal([MoveMessageType.Images, MoveMessageType.End], _a.OnConnection.Select(body => (MoveMessageType)body[1]));
        Talk();
        Release();
        _owner.Tick(_now);
        Assert.Equal(MoveMessageType.Go, (MoveMessageType)Assert.Single(_a.Sent)[1]);
        _target.Acquired(0, _now);
        Talk();
        Assert.Equal(["one", "two"], _b.Adopted);
        Assert.Equal((2, null), (_a.Outcome!.Moved, _a.Outcome.Trouble));
    }

    [Fact]
    public void A_connection_may_be_further_ahead_of_the_target_than_the_engine()
    {
        _a.OnConnection = new();
        Ask();
        _owner.Image(0, Move, 1, new byte[2 * MoveLimits.ConnectionWindowBytes]);

        for (int i = 0; i < 20_000; i++) { _owner.Tick(_now); }

        Assert.Equal(MoveLimits.ConnectionWindowBytes, _a.OnConnection.Sum(body => (long)body.Length - MoveMessages.HeaderBytes));
    }

    [Fact]
    public void A_connection_to_a_target_that_has_just_come_is_waited_for_before_anything_is_told()
    {
        _a.IsComing = true;
        Talk();
        Assert.Empty(_a.Done);
        Assert.InRange(_owner.Tick(_now) - _now, TimeSpan.FromTicks(1), MoveLimits.ConnectingLook);

        _now += MoveLimits.Answer * 1.5;        // the target has answered: that is no reason to give up
        Talk();
        Assert.Empty(_a.Done);
        _a.OnConnection = new();
        Ship("one");

        Assert.Equal(["tell", "hold", "freeze", "moved"], _a.Done);
        Assert.Equal(["one"], _b.Adopted);
    }

    [Fact]
    public void One_that_does_not_come_is_not_waited_for_any_longer()
    {
        _a.IsComing = true;
        Talk();
        Assert.Empty(_a.Done);

        _now += MoveLimits.Connecting;
        Ship("one");

        Assert.Equal(["tell", "hold", "freeze", "moved"], _a.Done);
        Assert.Equal(["one"], _b.Adopted);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_move_ends_as_ever_while_a_connection_is_waited_for(bool lost)
    {
        _a.IsComing = true;
        Talk();
        Assert.Empty(_a.Done);

        if (lost) { _owner.Lost(0, _now); }
        else { _owner.ViewChanged(new ClusterView(2, A, [A], QuorumVerdict.Quorate)); }
        Talk();

        Assert.DoesNotContain("tell", _a.Done);
        Assert.DoesNotContain("freeze", _a.Done);
        Assert.NotNull(_a.Outcome?.Trouble ?? _a.Done.Find(done => done.StartsWith("not moved", StringComparison.Ordinal)));
    }

    [Fact]
    public void Who_is_cut_off_from_clients_waits_for_no_connection()
    {
        _owner.Lost(0, _now);
        Talk();
        _owner.Acquired(0, _now);
        _a.IsComing = true;
        _a.Done.Clear();
        _owner.Begin(0, B, Move + 1, 3, urgent: true, _now);

        Talk();

        Assert.Contains("hold", _a.Done);
    }

    [Fact]
    public void A_connection_that_comes_while_sessions_are_told_ahead_is_used_for_the_rest()
    {
        _owner.YoungDone(0);
        Talk();
        _owner.Told(0, Move, 1, "one"u8.ToArray());
        _owner.AllTold(0, Move);
        _a.OnConnection = new();
        Talk();
        _owner.AsTold(0, Move, [1]);
        _owner.Image(0, Move, 2, "two"u8.ToArray());
        _owner.Froze(0, Move, new FrozenSessions(2, 0, 3, AsTold: 1), "", _now);
        _owner.Tick(_now);
        Assert.Equal([MoveMessageType.Images, MoveMessageType.End], _a.OnConnection.Select(body => (MoveMessageType)body[1]));

        Talk();

        Assert.Equal(["one", "two"], _b.Adopted);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7)]
    public void What_is_lost_with_a_connection_goes_by_the_engine(int arrived)
    {
        _a.OnConnection = new();
        Ask("one");
        string[] images = [.. Enumerable.Range(0, 9).Select(i => new string((char)('a' + i), 700))];
        foreach (string image in images) { _owner.Image(0, Move, 2, Encoding.UTF8.GetBytes(image)); }
        _owner.Froze(0, Move, new FrozenSessions(images.Length, 0, 6300), "", _now);
        _owner.Tick(_now);
        for (int i = 0; i < arrived; i++) { _target.MessageArrived(A, _a.OnConnection.Dequeue(), _now); }

        LoseConnection();

        Assert.Contains("moved", _a.Done);
        Assert.Equal(images, _b.Adopted);
        Release();
        _target.Acquired(0, _now);
        Talk();
        Assert.Equal((9, null), (_a.Outcome!.Moved, _a.Outcome.Trouble));
    }

    /// <summary>Its words of progress crossed a change of view: the owner goes back further than the engine's window reaches.</summary>
    [Fact]
    public void A_target_that_is_further_than_its_owner_knows_says_so_when_it_hears_a_piece_twice()
    {
        _a.OnConnection = new();
        Ask();
        string[] images = [.. Enumerable.Range(0, 7).Select(i => new string((char)('a' + i), 1024 * 1024))];
        foreach (string image in images) { _owner.Image(0, Move, 2, Encoding.UTF8.GetBytes(image)); }
        _owner.Froze(0, Move, new FrozenSessions(images.Length, 0, 7 * 1024 * 1024), "", _now);
        for (int turn = 0; turn < 1000; turn++)
        {
            _owner.Tick(_now);
            while (_a.OnConnection.TryDequeue(out byte[]? body)) { _target.MessageArrived(A, body, _now); }
            _target.Tick(_now);
            _b.Sent.Clear();
        }

        LoseConnection();

        Assert.Contains("moved", _a.Done);
        Assert.Equal(images, _b.Adopted);
    }

    [Fact]
    public void One_that_ends_before_anything_was_on_it_is_not_missed()
    {
        _a.OnConnection = new();
        _owner.YoungDone(0);
        Talk();

        _a.OnConnection = null;
        _owner.Disconnected(B);
        _owner.Told(0, Move, 1, "one"u8.ToArray());
        _owner.AllTold(0, Move);
        Talk();
        _owner.AsTold(0, Move, [1]);
        _owner.Froze(0, Move, new FrozenSessions(1, 0, 0, AsTold: 1), "", _now);
        Talk();

        Assert.Contains("moved", _a.Done);
        Assert.Equal(["one"], _b.Adopted);
    }

    [Fact]
    public void Nor_is_one_that_ends_when_all_is_there()
    {
        _a.OnConnection = new();
        Ship("one");

        _owner.Disconnected(B);
        Release();
        _target.Acquired(0, _now);
        Talk();

        Assert.Contains("run", _b.Done);
    }

    [Fact]
    public void Nothing_goes_on_a_connection_that_has_taken_the_place_of_the_one_before_until_that_is_told()
    {
        _a.OnConnection = new();
        Ask();
        _owner.Image(0, Move, 1, new byte[3000]);
        _owner.Tick(_now);
        _a.OnConnection.Clear();    // lost
        _a.Connection++;
        _owner.Image(0, Move, 2, "two"u8.ToArray());
        _owner.Froze(0, Move, new FrozenSessions(2, 0, 3003), "", _now);
        Talk();
        Assert.Empty(_b.Adopted);

        _owner.Disconnected(B);
        Talk();
        _now += MoveLimits.Again;
        Talk();

        Assert.Contains("moved", _a.Done);
        Assert.Equal(2, _b.Adopted.Count);
    }

    /// <summary>It waited for the connection when that ended: it is said again when the images have gone, not before them.</summary>
    [Fact]
    public void That_it_was_all_does_not_overtake_images_that_go_again()
    {
        _a.OnConnection = new();
        _a.NoRoomFor = MoveMessageType.End;
        Ask();
        _owner.Image(0, Move, 1, Encoding.UTF8.GetBytes(new string('x', 3000)));
        _owner.Froze(0, Move, new FrozenSessions(1, 0, 3000), "", _now);
        _owner.Tick(_now);
        _a.OnConnection.Clear();    // lost

        LoseConnection();

        Assert.Contains("moved", _a.Done);
        Assert.Equal(3000, Assert.Single(_b.Adopted).Length);
    }

    [Fact]
    public void A_word_of_progress_that_crossed_a_change_of_view_is_said_again()
    {
        Ask();
        _owner.Image(0, Move, 1, new byte[2 * MoveLimits.WindowBytes]);
        for (int turn = 0; turn < 5000; turn++)
        {
            _owner.Tick(_now);
            while (_a.Sent.TryDequeue(out byte[]? body)) { _target.MessageArrived(A, body, _now); }
            _target.Tick(_now);
            _b.Sent.Clear();    // all of them
        }

        _target.ViewChanged(new ClusterView(2, B, [A, B], QuorumVerdict.Quorate));
        _owner.Froze(0, Move, new FrozenSessions(1, 0, 2 * MoveLimits.WindowBytes), "", _now);
        Talk();

        Assert.Contains("moved", _a.Done);
    }

    private const ulong Move = 1001;

    /// <summary>As the lease thread answers: the loss first, then that it was for this move.</summary>
    private void Release()
    {
        _owner.Lost(0, _now);
        _owner.Released(0, Move, true, _now);
    }

    private void LoseConnection()
    {
        _a.OnConnection = null;
        _owner.Disconnected(B);
        Talk();
        _now += MoveLimits.Again;
        Talk();
    }

    private void Ask(params string[] told)
    {
        _owner.YoungDone(0);
        Talk();
        for (int i = 0; i < told.Length; i++) { _owner.Told(0, Move, (ulong)i + 1, Encoding.UTF8.GetBytes(told[i])); }
        _owner.AllTold(0, Move);
        Talk();
    }

    private void Ship(params string[] images)
    {
        Ask();
        long bytes = 0;
        foreach (string image in images)
        {
            byte[] text = Encoding.UTF8.GetBytes(image);
            bytes += text.Length;
            _owner.Image(0, Move, 1, text);
        }
        _owner.Froze(0, Move, new FrozenSessions(images.Length, 0, bytes), "", _now);
        Talk();
    }

    /// <summary>Messages go to and fro until nothing more is said.</summary>
    private void Talk()
    {
        for (int quiet = 0; quiet < 3;)
        {
            _owner.Tick(_now);
            _target.Tick(_now);
            if (_runs && _b.Running is { } move)
            {
                _b.Running = null;
                _target.AllRun(0, move);
            }
            quiet = _a.Sent.Count + _b.Sent.Count + (_a.OnConnection?.Count ?? 0) == 0 ? quiet + 1 : 0;
            while (_a.Sent.TryDequeue(out byte[]? body)) { _target.MessageArrived(A, body, _now); }
            while (_a.OnConnection?.TryDequeue(out byte[]? body) == true) { _target.MessageArrived(A, body!, _now); }
            while (_b.Sent.TryDequeue(out byte[]? body)) { _owner.MessageArrived(B, body, _now); }
        }
    }
}
