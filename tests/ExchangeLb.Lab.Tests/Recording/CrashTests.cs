using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using ExchangeLb.Core.Runtime;
using ExchangeLb.Lab.Tests.HandOver;
using ExchangeLb.Lab.Tests.Repair;
using ExchangeLb.Lab.Tests.World;
using ExchangeLb.Proxy.Recording;
using Xunit;
using Xunit.Abstractions;

namespace ExchangeLb.Lab.Tests.Recording;

/// <summary>The owner of the sessions is gone without a word: what was quiet goes on in the other load balancer, what was not is reset, nothing hangs.</summary>
public sealed class CrashTests(ITestOutputHelper output)
{
    [LabTheory]
    [InlineData(RepairWorld.V4, 100)]
    [InlineData(RepairWorld.V6, 10)]
    public void Quiet_sessions_survive_two_crashes_one_after_the_other(int version, int count)
    {
        using CrashSite site = new(version);
        List<MovedSession> sessions = site.ConnectMany(count);
        sessions.ForEach(session => session.AssertCarries(1));

        for (int crash = 0; crash < 2; crash++)
        {
            site.AwaitQuiet(count);
            site.Crash();
            TakenOverSessions result = site.TakeOver();
            site.BeginRecording();

            Assert.Equal(new TakenOverSessions(count, 0, 0, 0, 0), result);
            Eventually.Holds(Eventually.Seconds(20), () => site.Owner.Sessions == count && site.Other.Sessions == 0, () => $"{site.Owner.Sessions}/{site.Other.Sessions}");
            sessions.ForEach(session => session.AssertCarries(3 + crash));
        }
        sessions.ForEach(session => session.Dispose());
        Eventually.Holds(Eventually.Seconds(20), () => site.Owner.Sessions == 0, () => $"{site.Owner.Sessions} sessions are left");
    }

    [LabFact]
    public void What_was_sent_during_the_outage_arrives_by_its_repetition()
    {
        using CrashSite site = new(RepairWorld.V4);
        using MovedSession asks = site.Connect();
        using MovedSession isTold = site.Connect();
        asks.AssertCarries(1);
        isTold.AssertCarries(3);
        site.AwaitQuiet(2);
        byte[] question = Pattern.Bytes(5, 3000), answer = Pattern.Bytes(6, 3000);

        site.Crash();
        asks.Client.Send(question);
        isTold.Server.Send(answer);
        TakenOverSessions result = site.TakeOver();

        Assert.Equal(2, result.Continued);
        Assert.Equal(question, MovedSession.Read(asks.Server, question.Length));
        Assert.Equal(answer, MovedSession.Read(isTold.Client, answer.Length));
        asks.AssertCarries(7);
        isTold.AssertCarries(9);
    }

    [LabTheory]
    [InlineData(RepairWorld.V4, 3000)]
    [InlineData(RepairWorld.V6, 100)]
    public void Thousands_of_quiet_sessions_whose_peers_speak_before_there_are_sockets_go_on_and_new_ones_are_served_meanwhile(int version, int count)
    {
        using CrashSite site = new(version, maxConn: count + 10);
        List<MovedSession> sessions = site.ConnectMany(count);
        site.AwaitQuiet(count);
        byte[] question = Pattern.Bytes(5, 40), answer = Pattern.Bytes(6, 40);

        site.Crash();
        TakenOverSessions result = site.TakeOverLate(silenced: true, () =>
        {
            for (int i = 0; i < count; i++) { (i % 2 == 0 ? sessions[i].Client : sessions[i].Server).Send(i % 2 == 0 ? question : answer); }
            using MovedSession young = site.Connect();
            young.AssertCarries(7);
            SocketException refused = Assert.Throws<SocketException>(() => site.ConnectTo(RepairWorld.Port + 1));
            Assert.Equal(SocketError.ConnectionRefused, refused.SocketErrorCode);
        });

        output.WriteLine(result.ToString());
        Assert.Equal(new TakenOverSessions(count, 0, 0, 0, 0), result);
        for (int i = 0; i < count; i++)
        {
            Assert.Equal(i % 2 == 0 ? question : answer, MovedSession.Read(i % 2 == 0 ? sessions[i].Server : sessions[i].Client, 40));
        }
        sessions.ForEach(session => session.Dispose());
    }

    [LabFact]
    public void Without_the_silence_a_kernel_that_has_no_sockets_yet_ends_what_speaks_to_it()
    {
        using CrashSite site = new(RepairWorld.V4);
        using MovedSession speaks = site.Connect();
        using MovedSession waits = site.Connect();
        site.AwaitQuiet(2);

        site.Crash();
        TakenOverSessions result = site.TakeOverLate(silenced: false, () =>
        {
            speaks.Client.Send(Pattern.Bytes(5, 40));
            Assert.Equal(SocketError.ConnectionReset, Assert.Throws<SocketException>(() => MovedSession.ReadsEnd(speaks.Client)).SocketErrorCode);
        });

        Assert.Equal((1, 1), (result.Continued, result.Stale));
    }

    [LabTheory]
    [InlineData(RepairWorld.V4)]
    [InlineData(RepairWorld.V6)]
    public void Active_sessions_are_reset_at_both_sides_within_two_seconds(int version)
    {
        using CrashSite site = new(version);
        using MovedSession wasQuiet = site.Connect();
        wasQuiet.AssertCarries(1);
        site.AwaitQuiet(1);
        site.SnapshotsAreLost = true;
        using MovedSession neverQuiet = site.Connect();
        neverQuiet.AssertCarries(1);
        wasQuiet.AssertCarries(3);
        Eventually.Holds(Eventually.Seconds(20), () => site.Other.Recorded.Figures.Held == 2 && site.Owner.Recorded.Figures.Snapshots >= 3, () => $"{site.Owner.Recorded.Figures}");

        site.Crash();
        wasQuiet.Client.Send(Pattern.Bytes(5, 10));
        using StolenTime clock = new();
        TakenOverSessions result = site.TakeOver();

        Assert.Equal(new TakenOverSessions(0, 2, 0, 0, 0), result);
        AssertReset(wasQuiet);
        AssertReset(neverQuiet);
        output.WriteLine($"{clock.Left.TotalMilliseconds:0} ms, and {clock.Stolen.TotalMilliseconds:0} ms that the machine took");
        Assert.InRange(clock.Left.TotalMilliseconds, 0, 2000);
    }

    [LabFact]
    public void Quiet_sessions_that_the_new_owner_has_no_place_for_are_reset_and_are_not_called_active()
    {
        using CrashSite site = new(RepairWorld.V4, maxConnOfOther: 7);
        List<MovedSession> sessions = site.ConnectMany(10);
        sessions.ForEach(session => session.AssertCarries(1));
        site.AwaitQuiet(10);

        site.Crash();
        TakenOverSessions result = site.TakeOver();

        Assert.Equal(new TakenOverSessions(7, 0, 0, 0, 0) { Placeless = 3, Lack = "there is room for 7 connections (maxconn)" }, result);
        List<MovedSession> reset = sessions.FindAll(session => session.Client.Poll(0, SelectMode.SelectRead));
        Assert.Equal(3, reset.Count);
        reset.ForEach(AssertReset);
        sessions.Except(reset).ToList().ForEach(session => session.AssertCarries(3));
        sessions.ForEach(session => session.Dispose());
    }

    [LabTheory]
    [InlineData(true, 10)]
    [InlineData(false, 10)]
    [InlineData(true, 300)]
    [InlineData(false, 300)]
    public void A_session_that_went_on_after_its_record_is_reset_and_no_wrong_byte_arrives(bool clientSent, int count)
    {
        using CrashSite site = new(RepairWorld.V4);
        using MovedSession session = site.Connect();
        session.AssertCarries(1);
        site.AwaitQuiet(1);
        site.RecordsAreLost = true;
        MovedSession.Carry(clientSent ? session.Client : session.Server, clientSent ? session.Server : session.Client, Pattern.Bytes(5, count));

        site.Crash();
        session.Server.Send(Pattern.Bytes(6, 1000));
        session.Client.Send(Pattern.Bytes(7, 1000));
        TakenOverSessions result = site.TakeOver();

        Assert.Equal(new TakenOverSessions(0, 0, 1, 0, 0), result);
        AssertReset(session);
    }

    [LabFact]
    public void Half_closed_sessions_survive_and_end_in_order()
    {
        using CrashSite site = new(RepairWorld.V4);
        using MovedSession clientEnded = site.Connect();
        using MovedSession serverEnded = site.Connect();
        clientEnded.AssertCarries(1);
        clientEnded.Client.Shutdown(SocketShutdown.Send);
        serverEnded.Server.Shutdown(SocketShutdown.Send);
        Assert.True(MovedSession.ReadsEnd(clientEnded.Server) && MovedSession.ReadsEnd(serverEnded.Client));
        site.AwaitQuiet(2);

        site.Crash();
        TakenOverSessions result = site.TakeOver();

        Assert.Equal(2, result.Continued);
        MovedSession.Carry(clientEnded.Server, clientEnded.Client, Pattern.Bytes(5, 50_000));
        MovedSession.Carry(serverEnded.Client, serverEnded.Server, Pattern.Bytes(6, 50_000));
        clientEnded.Server.Shutdown(SocketShutdown.Send);
        serverEnded.Client.Shutdown(SocketShutdown.Send);
        Assert.True(MovedSession.ReadsEnd(clientEnded.Client) && MovedSession.ReadsEnd(serverEnded.Server));
    }

    [LabTheory]
    [InlineData(true)]
    [InlineData(false)]
    public void Sockets_that_were_made_while_the_owner_went_on_are_made_anew_from_its_last_record(bool dropped)
    {
        using CrashSite site = new(RepairWorld.V4);
        using MovedSession session = site.Connect();
        session.AssertCarries(1);
        site.AwaitQuiet(1);

        Assert.Equal(1, site.Other.Restore(site.Vip));
        session.AssertCarries(3);
        if (dropped) { site.Other.Recorded.Drop(site.Vip); }
        session.AssertCarries(5);
        site.AwaitQuiet(1);
        site.Crash();

        Assert.Equal(1, site.TakeOver().Continued);
        session.AssertCarries(7);
    }

    /// <summary>The thread that moves sessions drops them while another one makes them.</summary>
    [LabFact]
    public void Sockets_that_one_thread_makes_and_another_one_drops_are_not_left_behind()
    {
        const int Sessions = 40, Rounds = 100;
        using CrashSite site = new(RepairWorld.V4);
        List<MovedSession> sessions = site.ConnectMany(Sessions);
        sessions.ForEach(session => session.AssertCarries(1));
        site.AwaitQuiet(Sessions);

        bool over = false;
        Task dropping = Task.Run(() =>
        {
            while (!Volatile.Read(ref over)) { site.Other.Recorded.Drop(site.Vip); }
        });
        for (int round = 0; round < Rounds; round++) { Assert.InRange(site.Other.Restore(site.Vip), 0, Sessions); }
        Volatile.Write(ref over, true);
        dropping.Wait();
        site.Other.Recorded.Drop(site.Vip);

        Assert.Equal(Sessions, site.Other.Restore(site.Vip));       // one that was left would have the addresses
        site.Crash();
        Assert.Equal(Sessions, site.TakeOver().Continued);
        sessions.ForEach(session => session.AssertCarries(3));
        sessions.ForEach(session => session.Dispose());
    }

    [LabTheory]
    [InlineData(RepairWorld.V4)]
    [InlineData(RepairWorld.V6)]
    public void An_owner_that_stays_after_a_split_resets_what_went_on_elsewhere_and_nothing_else(int version)
    {
        using CrashSite site = new(version);
        List<MovedSession> went = site.ConnectMany(10), stayed = site.ConnectMany(90);
        went.ForEach(session => session.AssertCarries(1));
        stayed.ForEach(session => session.AssertCarries(1));
        site.AwaitQuiet(100);
        Assert.Equal(100, site.Split().Continued);
        for (int i = 0; i < went.Count; i++)
        {
            MovedSession session = went[i];
            MovedSession.Carry(i % 2 == 0 ? session.Client : session.Server, i % 2 == 0 ? session.Server : session.Client, Pattern.Bytes(5, 30));
        }
        site.Heal();

        Task<int> reset = site.Owner.Check(site.Vip);
        stayed.ForEach(session => session.AssertCarries(3));    // while they are asked

        went.ForEach(AssertReset);
        Assert.True(reset.Wait(TimeSpan.FromSeconds(60)));
        Assert.Equal(10, reset.Result);
        stayed.ForEach(session => session.AssertCarries(5));
        Eventually.Holds(Eventually.Seconds(20), () => site.Owner.Sessions == 90, () => $"{site.Owner.Sessions}");
        stayed.ForEach(session => session.Dispose());
    }

    /// <summary>
    /// Servers that speak first, and say nothing; clients that wait for them: nobody sends a byte that would be answered by a reset. Sessions are told of within
    /// <see cref="SessionRecorder.ToldWithinMs"/> of their beginning; of those that are younger nobody may know.
    /// </summary>
    [LabTheory]
    [InlineData(RepairWorld.V4, 600)]
    [InlineData(RepairWorld.V6, 500)]
    public void Silent_sessions_that_began_just_before_the_crash_are_reset_at_both_sides_within_two_seconds(int version, int count)
    {
        using CrashSite site = new(version);
        List<(MovedSession Session, long BeganAt)> burst = [];
        for (int i = 0; i < count; i++) { burst.Add((site.Connect(), Stopwatch.GetTimestamp())); }
        site.Crash();
        long crashedAt = Stopwatch.GetTimestamp();
        site.RecordsAreLost = true;
        using StolenTime clock = new();
        TakenOverSessions result = site.TakeOver();

        int young = burst.Count(one => Stopwatch.GetElapsedTime(one.BeganAt, crashedAt).TotalMilliseconds <= SessionRecorder.ToldWithinMs + LoopIsLateMs);
        output.WriteLine($"{result}, {young} too young; {clock.Left.TotalMilliseconds:0} ms, and {clock.Stolen.TotalMilliseconds:0} ms that the machine took");
        Assert.InRange(clock.Left.TotalMilliseconds, 0, 2000);
        Assert.InRange(young, 0, count / 2);
        Assert.Equal(0, result.Unanswered);
        int reset = 0;
        foreach ((MovedSession session, _) in burst[..(count - young)])
        {
            if (session.Client.Poll(0, SelectMode.SelectRead))
            {
                AssertReset(session);
                reset++;
            }
            else { session.AssertCarries(1); }      // it was quiet for long enough: one that nobody has would be reset by its first byte
        }
        Assert.InRange(reset, 1, count);
        burst.ForEach(one => one.Session.Dispose());
    }

    [LabFact]
    public void Silent_clients_that_wait_for_a_place_at_a_server_are_reset_within_two_seconds_of_the_crash()
    {
        using CrashSite site = new(RepairWorld.V4, maxConnOfServer: 1);
        using MovedSession served = site.Connect();
        List<Socket> waiting = [.. Enumerable.Range(0, 20).Select(_ => site.ConnectClient())];
        Eventually.Holds(Eventually.Seconds(20), () => site.Other.Recorded.Figures.Held == 21, () => $"{site.Owner.Recorded.Figures} {site.Other.Recorded.Figures}");

        site.Crash();
        using StolenTime clock = new();
        TakenOverSessions result = site.TakeOver();

        output.WriteLine($"{result}, {clock.Left.TotalMilliseconds:0} ms");
        Assert.Equal(21, result.Active + result.Continued);
        Assert.InRange(result.Active, 20, 21);
        foreach (Socket client in waiting)
        {
            Assert.Equal(SocketError.ConnectionReset, Assert.Throws<SocketException>(() => client.Receive(new byte[1])).SocketErrorCode);
            client.Dispose();
        }
        Assert.InRange(clock.Left.TotalMilliseconds, 0, 2000);
    }

    [LabTheory]
    [InlineData(RepairWorld.V4)]
    [InlineData(RepairWorld.V6)]
    public void What_the_node_that_yields_after_a_split_loses_is_reset_by_the_one_that_stays_and_nothing_else(int version)
    {
        using CrashSite site = new(version);
        List<MovedSession> stayed = site.ConnectMany(60);
        stayed.ForEach(session => session.AssertCarries(1));
        site.AwaitQuiet(60);
        Assert.Equal(60, site.Split().Continued);       // both have these now
        List<MovedSession> lost = site.ConnectMany(30); // the other one alone
        lost.ForEach(session => session.AssertCarries(1));

        IReadOnlyCollection<byte[]> told = site.Heal();
        using StolenTime clock = new();
        List<Task<LostSessionsDone>> resets = [.. told.Reverse().Concat(told).Select(records => site.Owner.ResetLost(site.Vip, records))];     // doubled, in no order

        lost.ForEach(AssertReset);
        Assert.InRange(clock.Left.TotalMilliseconds, 0, 2000);
        Assert.True(Task.WhenAll(resets).Wait(TimeSpan.FromSeconds(30)));
        Assert.True(site.Owner.ResetLost(site.Vip, told.First()).Wait(TimeSpan.FromSeconds(30)));       // late
        stayed.ForEach(session => session.AssertCarries(5));
        stayed.ForEach(session => session.Dispose());
    }

    [LabFact]
    public void A_check_of_sessions_that_nobody_else_had_resets_none_while_bytes_pass_or_are_lost()
    {
        using CrashSite site = new(RepairWorld.V4);
        List<MovedSession> sessions = site.ConnectMany(60);
        sessions.ForEach(session => session.AssertCarries(1));
        site.Owner.Node.FenceInward();      // what is sent now is lost, and sent again
        sessions[..20].ForEach(session => session.Client.Send(Pattern.Bytes(5, 500)));

        Task<int> reset = site.Owner.Check(site.Vip);
        site.Owner.Node.OpenFence();
        sessions[..20].ForEach(session => Assert.Equal(Pattern.Bytes(5, 500), MovedSession.Read(session.Server, 500)));
        for (int round = 0; round < 5; round++) { sessions.ForEach(session => session.AssertCarries(7)); }

        Assert.True(reset.Wait(TimeSpan.FromSeconds(60)));
        Assert.Equal(0, reset.Result);
        sessions.ForEach(session => session.AssertCarries(9));
        sessions.ForEach(session => session.Dispose());
    }

    [LabFact]
    public void Sessions_that_were_just_moved_go_on_at_their_former_owner_when_the_new_one_has_told_nothing_or_only_that_there_are_some()
    {
        using CrashSite site = new(RepairWorld.V4);
        List<MovedSession> quiet = site.ConnectMany(40);
        using MovedSession wentOn = site.Connect();
        quiet.ForEach(session => session.AssertCarries(1));
        wentOn.AssertCarries(1);
        site.AwaitQuiet(41);
        site.Move();
        Eventually.Holds(Eventually.Seconds(20), () => site.Owner.Sessions == 41 && site.Other.Sessions == 0, () => $"{site.Owner.Sessions}/{site.Other.Sessions}");
        wentOn.AssertCarries(3);
        site.SnapshotsAreLost = true;
        site.BeginRecording();
        Eventually.Holds(Eventually.Seconds(20), () => site.Owner.Recorded.Figures.Established >= 41, () => $"{site.Owner.Recorded.Figures}");

        site.Crash();
        TakenOverSessions result = site.TakeOver();

        Assert.Equal(new TakenOverSessions(40, 0, 1, 0, 0), result);
        AssertReset(wentOn);
        quiet.ForEach(session => session.AssertCarries(5));
        quiet.ForEach(session => session.Dispose());
    }

    /// <summary>On a machine that others use, too.</summary>
    private const int LoopIsLateMs = 25;

    /// <summary>Without a byte before it.</summary>
    private static void AssertReset(MovedSession session)
    {
        Assert.Equal(SocketError.ConnectionReset, Assert.Throws<SocketException>(() => session.Client.Receive(new byte[1])).SocketErrorCode);
        Assert.Equal(SocketError.ConnectionReset, Assert.Throws<SocketException>(() => session.Server.Receive(new byte[1])).SocketErrorCode);
    }
}
