using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using ExchangeLb.Core.Runtime;
using ExchangeLb.Lab.Tests.World;
using Xunit;

namespace ExchangeLb.Lab.Tests.HandOver;

/// <summary>Clients whom `maxconn` keeps waiting move, too, and keep their place in line.</summary>
public sealed class WaitingClientMoveTests : IDisposable
{
    private const int Served = 5, Many = 20;

    private MovingSite _site = null!;
    private readonly List<MovedSession> _sessions = [];
    private readonly List<Socket> _waiting = [];

    [LabTheory]
    [InlineData(1, 2)]
    [InlineData(2, 1)]
    public void Whom_the_frontend_keeps_waiting_is_served_by_the_new_owner_when_sessions_end(int moves, int threads)
    {
        Begin($"maxconn {Served}", maxConn: 1000, spare: 0, threads);
        _waiting[7].Shutdown(SocketShutdown.Send);

        for (int i = 0; i < moves; i++)
        {
            FrozenSessions moved = _site.Move();
            Assert.Equal((Served + Many, 0, false), (moved.Shipped, moved.Left, moved.AreMore));
            Eventually.Holds(Eventually.Seconds(20), () => _site.Owner.Sessions == Served && _site.Other.Sessions == 0, () => $"{_site.Owner.Sessions}/{_site.Other.Sessions}");
            Counts(Served + Many + 1);
        }

        Assert.True(_site.NobodyConnects, "there was no place");
        _sessions.ForEach(session => session.AssertCarries(3));
        int[] served = ServeAllWhoWait(Many);
        Assert.Equal(Enumerable.Range(0, Many), served.Order());
        if (threads == 1) { Assert.Equal(served.Order(), served); }
        TrafficSnapshot traffic = _site.Owner.Proxy.Frontend!.Traffic;
        Assert.Equal(Served, traffic.MaxSessions);
        Assert.Equal(moves == 1 ? Many : Served + Many, traffic.TotalSessions);
        Assert.Equal(moves == 1 ? Served : 0, _site.Other.Proxy.Frontend!.Traffic.TotalSessions);
    }

    [LabFact]
    public void After_a_hand_over_that_is_taken_back_they_wait_on_before_those_who_come_later()
    {
        Begin($"maxconn {Served}", maxConn: 1000, spare: 0, threads: 1);

        Assert.Equal(Served + Many, _site.Freeze().Shipped);
        _site.Adopt();
        _site.Other.Movable.Drop(MovingSite.Vip);
        _site.TakeBack();
        Wait();
        Counts(Served + Many + 1);

        Assert.True(_site.NobodyConnects, "there was no place");
        Assert.Equal(Enumerable.Range(0, Many + 1), ServeAllWhoWait(Many + 1));
        Assert.Equal(Served, _site.Owner.Proxy.Frontend!.Traffic.MaxSessions);
        Assert.Equal(0, _site.Other.Proxy.Frontend!.Traffic.TotalSessions);
    }

    [LabFact]
    public void Whom_the_process_keeps_waiting_moves_as_far_as_descriptors_go()
    {
        Begin("", maxConn: Served, spare: Many, threads: 2);

        FrozenSessions moved = _site.Move();

        Assert.Equal((Served + Many, 0, false), (moved.Shipped, moved.Left, moved.AreMore));
        Assert.Equal(Enumerable.Range(0, Many), ServeAllWhoWait(Many).Order());
        Assert.Equal(Served, _site.Owner.Proxy.Frontend!.Traffic.MaxSessions);
    }

    [LabFact]
    public void Without_descriptors_for_all_who_wait_the_move_can_only_be_taken_back()
    {
        Begin("", maxConn: Served, spare: Many / 2, threads: 1);

        Assert.True(_site.Freeze().AreMore);
        _site.TakeBack();

        Assert.Equal(Enumerable.Range(0, Many), ServeAllWhoWait(Many));
        Assert.Equal(Served, _site.Owner.Proxy.Frontend!.Traffic.MaxSessions);
    }

    [LabFact]
    public void Who_gave_up_waiting_does_not_move()
    {
        Begin("", maxConn: Served, spare: Many, threads: 1);
        int port = ((IPEndPoint)_waiting[3].LocalEndPoint!).Port;
        _waiting[3].LingerState = new LingerOption(true, 0);
        _waiting[3].Dispose();
        Eventually.Holds(Eventually.Seconds(20), () => _site.HasGone(port), () => "the one who gave up is still there");

        Assert.Equal(Served + Many - 1, _site.Freeze().Shipped);
        _site.Adopt();
        _site.Other.Movable.Drop(MovingSite.Vip);
        _site.TakeBack();
        Assert.Equal(Enumerable.Range(0, Many).Where(client => client != 3), ServeAllWhoWait(Many - 1));
    }

    [LabFact]
    public void A_peer_that_has_no_room_for_all_who_wait_runs_all_sessions_and_the_first_in_line()
    {
        const int Room = 8;
        Begin("", maxConn: Served, spare: Many, threads: 1, otherSpare: Room);

        Assert.Equal(Served + Many, _site.Move(missed: Many - Room).Shipped);

        Counts(Served + Room + 1);
        _sessions.ForEach(session => session.AssertCarries(3));
        Assert.Equal(Enumerable.Range(0, Room), ServeAllWhoWait(Room));
    }

    [LabFact]
    public void To_a_peer_that_knows_no_line_only_sessions_move()
    {
        Begin($"maxconn {Served}", maxConn: 1000, spare: 0, threads: 1);

        FrozenSessions moved = _site.Freeze(waiting: false);
        Assert.Equal((Served, 0, false), (moved.Shipped, moved.Left, moved.AreMore));
        _site.TakeBack();

        Assert.Equal(Enumerable.Range(0, Many), ServeAllWhoWait(Many));
    }

    [LabFact]
    public void A_reload_with_a_wider_limit_lets_in_those_in_line()
    {
        Begin($"maxconn {Served}", maxConn: 1000, spare: 0, threads: 1);
        Assert.Equal(Served + Many, _site.Freeze().Shipped);

        _site.Owner.Reload(MovingSite.Configuration("maxconn 1000"));
        _site.TakeBack();

        Eventually.Holds(Eventually.Seconds(20), () => _site.Owner.Sessions == Served + Many, () => $"{_site.Owner.Sessions}");
    }

    [LabTheory]
    [InlineData(true)]
    [InlineData(false)]
    public void Whom_a_cancelled_move_gives_back_to_a_bind_that_is_gone_is_told(bool stops)
    {
        Begin($"maxconn {Served}", maxConn: 1000, spare: 0, threads: 1);
        Assert.Equal(Served + Many, _site.Freeze().Shipped);

        if (stops) { _site.Owner.StopSoftly(); }
        else { _site.Owner.Reload(MovingSite.Configuration($"maxconn {Served}", port: 7777)); }
        _site.TakeBack();

        _waiting.ForEach(AssertIsReset);
        _sessions.ForEach(session => session.AssertCarries(3));
    }

    [LabFact]
    public void Those_in_line_end_with_the_sessions_of_an_address_that_are_cut()
    {
        Begin($"maxconn {Served}", maxConn: 1000, spare: 0, threads: 1);
        Assert.Equal(Served + Many, _site.Freeze().Shipped);
        _site.TakeBack();
        Counts(Served + Many + 1);

        _site.Owner.Cut(MovingSite.Vip);

        _waiting.ForEach(AssertIsReset);
    }

    private static void AssertIsReset(Socket client)
    {
        client.ReceiveTimeout = 20_000;
        SocketException end = Assert.Throws<SocketException>(() => client.Receive(new byte[1]));
        Assert.Equal(SocketError.ConnectionReset, end.SocketErrorCode);
    }

    private void Counts(int count) => Eventually.Holds(Eventually.Seconds(20), () => _site.Counted == count, () => $"{_site.Counted} in place of {count}");

    public void Dispose()
    {
        _sessions.ForEach(session => session.Dispose());
        _waiting.ForEach(client => client.Dispose());
        _site?.Dispose();
    }

    /// <summary>All places are taken, and clients wait, each of whom has sent his number.</summary>
    private void Begin(string keywords, int maxConn, int spare, int threads, int? otherSpare = null)
    {
        _site = new MovingSite(keywords, maxConn, spare, threads, otherSpare);
        for (int i = 0; i < Served; i++) { _sessions.Add(_site.Connect()); }
        _sessions.ForEach(session => session.AssertCarries(1));
        for (int i = 0; i < Many; i++) { Wait(); }
        Eventually.Holds(Eventually.Seconds(20), () => _site.Counted > Served, () => "nobody waits");
        Assert.True(_site.NobodyConnects, "there was no place");
    }

    private void Wait()
    {
        Socket client = _site.ConnectClient();
        client.Send([(byte)_waiting.Count, 77]);
        _waiting.Add(client);
    }

    /// <summary>One session ends after the other, and so one client after the other is let in.</summary>
    /// <returns>Their numbers, in order.</returns>
    private int[] ServeAllWhoWait(int count)
    {
        List<int> served = [];
        while (served.Count < count)
        {
            _sessions[0].Dispose();
            _sessions.RemoveAt(0);
            Socket server = _site.Accept();
            byte[] hello = MovedSession.Read(server, 2);
            MovedSession session = new(_waiting[hello[0]], server);
            Assert.Equal(77, hello[1]);
            MovedSession.Carry(server, session.Client, [hello[0], 78]);
            served.Add(hello[0]);
            _sessions.Add(session);
        }
        return [.. served];
    }
}
