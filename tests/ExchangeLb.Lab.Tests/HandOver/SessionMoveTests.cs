using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Net.Sockets;
using System.Threading;
using ExchangeLb.Core.Runtime;
using ExchangeLb.Lab.Tests.Repair;
using ExchangeLb.Lab.Tests.World;
using Xunit;

namespace ExchangeLb.Lab.Tests.HandOver;

/// <summary>Sessions of one load balancer go on in another one, whatever is on its way in them.</summary>
public sealed class SessionMoveTests : IClassFixture<MovingSite>
{
    private const int Megabytes = 12 * 1024 * 1024;

    private readonly MovingSite _site;

    public SessionMoveTests(MovingSite site)
    {
        _site = site;
        // What the test before has closed may not have ended yet, and would be counted.
        Eventually.Holds(Eventually.Seconds(30), () => _site.Owner.Sessions == 0 && _site.Other.Sessions == 0, () => $"{_site.Owner.Sessions}/{_site.Other.Sessions} sessions of another test are left");
    }

    [LabFact]
    public void Quiet_sessions_move_there_and_back_and_carry_bytes_both_ways()
    {
        List<MovedSession> sessions = [.. Enumerable.Range(0, 20).Select(_ => _site.Connect())];
        sessions.ForEach(session => session.AssertCarries(1));

        FrozenSessions moved = _site.Move();

        Assert.Equal((20, 0), (moved.Shipped, moved.Left));
        Eventually.Holds(Eventually.Seconds(20), () => _site.Owner.Sessions == 20 && _site.Other.Sessions == 0, () => $"{_site.Owner.Sessions}/{_site.Other.Sessions}");
        sessions.ForEach(session => session.AssertCarries(3));
        _site.Move();
        sessions.ForEach(session => session.AssertCarries(5));
        sessions.ForEach(session => session.Dispose());
        Eventually.Holds(Eventually.Seconds(20), () => _site.Owner.Sessions == 0, () => $"{_site.Owner.Sessions} sessions are left");
    }

    [LabTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_connection_that_has_no_server_yet_gets_one_where_it_goes_on(bool takenBack)
    {
        byte[] hello = Pattern.Bytes(7, 2000);
        _site.MuteServer();
        using Socket client = _site.ConnectClient();
        client.Send(hello);
        Eventually.Holds(Eventually.Seconds(20), () => _site.Owner.Sessions == 1, () => "not accepted");

        FrozenSessions frozen = takenBack ? _site.Freeze() : _site.Move();
        _site.UnmuteServer();
        if (takenBack) { _site.TakeBack(); }

        Assert.Equal((1, 0), (frozen.Shipped, frozen.Left));
        using Socket server = _site.Accept();
        Assert.Equal(hello, MovedSession.Read(server, hello.Length));
        new MovedSession(client, server).AssertCarries(8);
    }

    /// <summary>A timestamp that is further ahead is taken for a round trip, see Repair.StreamTests.</summary>
    [LabFact]
    public void Timestamps_of_a_frozen_session_go_on_where_they_were()
    {
        using MovedSession session = _site.Connect();
        session.AssertCarries(1);
        long start = Stopwatch.GetTimestamp();
        uint[] before = [OwnSocket.TimestampOf(session.Client), OwnSocket.TimestampOf(session.Server)];

        Assert.Equal(1, _site.Move().Shipped);
        session.AssertCarries(3);

        uint[] after = [OwnSocket.TimestampOf(session.Client), OwnSocket.TimestampOf(session.Server)];
        int elapsedMs = (int)Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        for (int end = 0; end < 2; end++) { Assert.InRange(unchecked((int)(after[end] - before[end])), 0, elapsedMs + 100); }
    }

    [LabFact]
    public void Connections_of_a_moment_ago_move_whether_they_were_accepted_or_not()
    {
        const int Many = 40;
        List<Socket> clients = [.. Enumerable.Range(0, Many).Select(_ => _site.ConnectClient())];

        FrozenSessions moved = _site.Move();

        Assert.Equal((Many, 0), (moved.Shipped, moved.Left));
        Eventually.Holds(Eventually.Seconds(20), () => _site.Owner.Sessions == Many && _site.Other.Sessions == 0, () => $"{_site.Owner.Sessions}/{_site.Other.Sessions}");
        clients.ForEach(client => client.Dispose());
        _site.AcceptAllAndClose();
    }

    [LabFact]
    public void Quiet_sessions_that_were_told_ahead_move_there_and_back_without_an_image_more()
    {
        List<MovedSession> sessions = [.. Enumerable.Range(0, 20).Select(_ => _site.Connect())];
        sessions.ForEach(session => session.AssertCarries(1));

        for (int stream = 3; stream <= 5; stream += 2)
        {
            _site.Tell(least: 20);
            Assert.Equal(0, _site.Other.Sessions);
            FrozenSessions moved = _site.Move();

            Assert.Equal((20, 20, 0, 0), (moved.Shipped, moved.AsTold, moved.Left, _site.Images.Count));
            Eventually.Holds(Eventually.Seconds(20), () => _site.Owner.Sessions == 20 && _site.Other.Sessions == 0, () => $"{_site.Owner.Sessions}/{_site.Other.Sessions}");
            sessions.ForEach(session => session.AssertCarries(stream));
        }
        sessions.ForEach(session => session.Dispose());
    }

    [LabFact]
    public void What_happens_in_a_session_after_it_was_told_ahead_goes_along_and_what_has_ended_does_not()
    {
        using MovedSession asked = _site.Connect(), answered = _site.Connect(), half = _site.Connect(), unread = _site.Connect(), quiet = _site.Connect();
        MovedSession ended = _site.Connect();
        MovedSession[] all = [asked, answered, half, unread, quiet, ended];
        Array.ForEach(all, session => session.AssertCarries(1));
        _site.Tell(least: 6);

        asked.Client.Send(Pattern.Bytes(3, 100));
        MovedSession.Carry(answered.Server, answered.Client, Pattern.Bytes(4, 100));
        half.Client.Shutdown(SocketShutdown.Send);
        Assert.True(MovedSession.ReadsEnd(half.Server));
        ended.Dispose();
        Eventually.Holds(Eventually.Seconds(20), () => _site.Owner.Sessions == 5, () => $"{_site.Owner.Sessions} sessions");
        unread.Server.Send(Pattern.Bytes(5, 50));
        FrozenSessions moved = _site.Move();

        Assert.Equal((5, 1, 4), (moved.Shipped, moved.AsTold, _site.Images.Count));
        Eventually.Holds(Eventually.Seconds(20), () => _site.Owner.Sessions == 5 && _site.Other.Sessions == 0, () => $"{_site.Owner.Sessions}/{_site.Other.Sessions}");
        Assert.Equal(Pattern.Bytes(3, 100), MovedSession.Read(asked.Server, 100));
        Assert.Equal(Pattern.Bytes(5, 50), MovedSession.Read(unread.Client, 50));
        MovedSession.Carry(half.Server, half.Client, Pattern.Bytes(6, 50_000));
        Array.ForEach([asked, answered, unread, quiet], session => session.AssertCarries(7));
    }

    [LabFact]
    public void A_hand_over_that_is_called_off_after_the_telling_leaves_nothing_at_the_other_node()
    {
        using MovedSession session = _site.Connect();
        session.AssertCarries(41);
        _site.Tell(least: 1);
        Assert.Equal((1, 1), (_site.Freeze().AsTold, _site.AsTold.Count));

        _site.Other.Movable.Drop(MovingSite.Vip);
        _site.TakeBack();
        session.AssertCarries(43);
        _site.Tell(least: 1);       // nothing is in its way
        Assert.Equal(1, _site.Move().Shipped);
        session.AssertCarries(45);
    }

    [LabFact]
    public void Bulk_that_a_slow_reader_holds_up_arrives_complete_and_in_order()
    {
        using MovedSession session = _site.Connect();
        byte[] down = Pattern.Bytes(11, Megabytes), up = Pattern.Bytes(12, Megabytes);
        Thread serverSends = Sending(session.Server, down), clientSends = Sending(session.Client, up);
        byte[] firstDown = MovedSession.Read(session.Client, 100_000), firstUp = MovedSession.Read(session.Server, 100_000);

        Assert.Equal(1, _site.Move().Shipped);
        byte[] thenDown = MovedSession.Read(session.Client, 1_000_000), thenUp = MovedSession.Read(session.Server, 1_000_000);
        Assert.Equal(1, _site.Move().Shipped);
        byte[] restDown = MovedSession.Read(session.Client, down.Length - 1_100_000), restUp = MovedSession.Read(session.Server, up.Length - 1_100_000);

        Assert.True(serverSends.Join(30_000) && clientSends.Join(30_000));
        Assert.True(down.AsSpan().SequenceEqual((byte[])[.. firstDown, .. thenDown, .. restDown]), "what the server sent is not what the client read");
        Assert.True(up.AsSpan().SequenceEqual((byte[])[.. firstUp, .. thenUp, .. restUp]), "what the client sent is not what the server read");
    }

    [LabFact]
    public void A_side_that_has_ended_stays_ended_and_the_other_one_goes_on()
    {
        using MovedSession clientEnded = _site.Connect();
        using MovedSession serverEnded = _site.Connect();
        clientEnded.AssertCarries(21);
        clientEnded.Client.Shutdown(SocketShutdown.Send);
        serverEnded.Server.Shutdown(SocketShutdown.Send);
        Assert.True(MovedSession.ReadsEnd(clientEnded.Server) && MovedSession.ReadsEnd(serverEnded.Client));

        Assert.Equal(2, _site.Move().Shipped);

        MovedSession.Carry(clientEnded.Server, clientEnded.Client, Pattern.Bytes(22, 50_000));
        MovedSession.Carry(serverEnded.Client, serverEnded.Server, Pattern.Bytes(23, 50_000));
        clientEnded.Server.Shutdown(SocketShutdown.Send);
        serverEnded.Client.Shutdown(SocketShutdown.Send);
        Assert.True(MovedSession.ReadsEnd(clientEnded.Client) && MovedSession.ReadsEnd(serverEnded.Server));
        Eventually.Holds(Eventually.Seconds(20), () => _site.Owner.Sessions == 0, () => $"{_site.Owner.Sessions} sessions are left");
    }

    [LabFact]
    public void What_comes_while_a_session_is_frozen_is_served_after_it()
    {
        using MovedSession session = _site.Connect();
        session.AssertCarries(31);
        byte[] bytes = Pattern.Bytes(32, 5000);

        _site.Freeze();
        session.Client.Send(bytes);
        _site.Adopt();
        _site.Owner.Movable.Forget(MovingSite.Vip);
        _site.Other.Run(MovingSite.Vip);

        Assert.Equal(bytes, MovedSession.Read(session.Server, bytes.Length));
        _site.Swap();
    }

    [LabFact]
    public void A_hand_over_that_is_taken_back_loses_nothing()
    {
        using MovedSession quiet = _site.Connect();
        using MovedSession bulk = _site.Connect();
        quiet.AssertCarries(41);
        byte[] down = Pattern.Bytes(42, Megabytes);
        Thread sends = Sending(bulk.Server, down);
        byte[] first = MovedSession.Read(bulk.Client, 100_000);

        Assert.Equal(2, _site.Freeze().Shipped);
        _site.Adopt();
        _site.Other.Movable.Drop(MovingSite.Vip);
        _site.TakeBack();

        quiet.AssertCarries(43);
        Assert.True(down.AsSpan(first.Length).SequenceEqual(MovedSession.Read(bulk.Client, down.Length - first.Length)), "what the server sent is not what the client read");
        Assert.True(sends.Join(30_000));
        Assert.Equal(0, _site.Other.Sessions);
    }

    [LabFact]
    public void An_image_that_is_damaged_or_has_been_taken_already_is_refused_by_a_reason()
    {
        using MovedSession session = _site.Connect();
        session.AssertCarries(51);
        _site.Freeze();
        byte[] image = _site.Images[0];

        Assert.Contains("damaged", _site.Other.Adopt(MovingSite.Vip, image[..^1]), StringComparison.Ordinal);
        Assert.Null(_site.Other.Adopt(MovingSite.Vip, image));
        Assert.Null(_site.Other.Adopt(MovingSite.Vip, image));
        MissedSessions missed = _site.Other.Settle(MovingSite.Vip);
        Assert.Equal(1, missed.Count);
        Assert.Contains("exists here already", missed.Why, StringComparison.Ordinal);

        _site.Other.Movable.Drop(MovingSite.Vip);
        _site.TakeBack();
        session.AssertCarries(53);
    }

    [LabFact]
    public void Nodes_take_server_side_ports_of_their_own_from_the_virtual_address()
    {
        using MovedSession first = _site.Connect();
        _site.Move();
        using MovedSession second = _site.Connect();

        Assert.All([first, second], session => Assert.Equal(MovingSite.Vip, ((System.Net.IPEndPoint)session.Server.RemoteEndPoint!).Address));
        Assert.True(IsLow(first) != IsLow(second));

        static bool IsLow(MovedSession session) => ((System.Net.IPEndPoint)session.Server.RemoteEndPoint!).Port < 37_888;
    }

    [LabFact]
    public void A_session_whose_client_has_ended_moves_twice_in_the_midst_of_its_download()
    {
        using MovedSession session = _site.Connect();
        session.AssertCarries(61);
        byte[] down = Pattern.Bytes(62, 8 * 1024 * 1024);
        Thread sends = Sending(session.Server, down);
        byte[] first = MovedSession.Read(session.Client, 10_000);
        session.Client.Shutdown(SocketShutdown.Send);
        Assert.True(MovedSession.ReadsEnd(session.Server));

        Assert.Equal(1, _site.Move().Shipped);
        byte[] second = MovedSession.Read(session.Client, 1_000_000);
        Assert.Equal(1, _site.Move().Shipped);
        byte[] rest = MovedSession.Read(session.Client, down.Length - first.Length - second.Length);

        Assert.True(sends.Join(30_000));
        session.Server.Shutdown(SocketShutdown.Send);
        Assert.True(down.AsSpan().SequenceEqual((byte[])[.. first, .. second, .. rest]), "what the server sent is not what the client read");
        Assert.True(MovedSession.ReadsEnd(session.Client));
    }

    [LabFact]
    public void What_the_server_says_and_ends_with_while_a_session_is_frozen_is_heard_when_it_goes_on_where_it_was()
    {
        using MovedSession session = _site.Connect();
        session.AssertCarries(71);
        byte[] last = Pattern.Bytes(72, 3000);

        _site.Freeze();
        session.Server.Send(last);
        session.Server.Shutdown(SocketShutdown.Send);
        _site.TakeBack();

        Assert.Equal(last, MovedSession.Read(session.Client, last.Length));
        Assert.True(MovedSession.ReadsEnd(session.Client));
    }

    [LabFact]
    public void A_session_that_belongs_nowhere_at_the_other_node_is_reset_and_all_others_move()
    {
        using MovedSession known = _site.Connect();
        known.AssertCarries(81);
        _site.Freeze();
        byte[] knownImage = _site.Images[0];
        _site.Owner.Node.OpenFence();
        using MovedSession foreign = _site.Connect();
        foreign.AssertCarries(83);
        _site.Freeze();
        byte[] foreignImage = _site.Images[0];
        "gone"u8.CopyTo(foreignImage.AsSpan(2));     // in place of "move", the frontend's name

        Assert.Null(_site.Other.Adopt(MovingSite.Vip, foreignImage));
        Assert.Null(_site.Other.Adopt(MovingSite.Vip, knownImage));
        _site.Owner.Movable.Forget(MovingSite.Vip);
        _site.Other.Run(MovingSite.Vip);
        _site.Swap();

        known.AssertCarries(85);
        SocketException end = Assert.Throws<SocketException>(() => MovedSession.ReadsEnd(foreign.Client));
        Assert.Equal(SocketError.ConnectionReset, end.SocketErrorCode);
    }

    [LabFact]
    public void A_session_for_which_the_other_node_has_no_place_is_reset_and_all_others_move()
    {
        using MovingSite small = new("", maxConn: 1000, spare: 0, threads: 1, otherMaxConn: 2);
        MovedSession[] sessions = [small.Connect(), small.Connect(), small.Connect()];
        Assert.All(sessions, session => session.AssertCarries(91));

        small.Move(missed: 1);

        Assert.All(sessions[..2], session => session.AssertCarries(93));
        Assert.Equal(SocketError.ConnectionReset, Assert.Throws<SocketException>(() => MovedSession.ReadsEnd(sessions[2].Client)).SocketErrorCode);
        Assert.Equal(SocketError.ConnectionReset, Assert.Throws<SocketException>(() => MovedSession.ReadsEnd(sessions[2].Server)).SocketErrorCode);
        Array.ForEach(sessions, session => session.Dispose());
    }

    /// <summary>A move is called off, and the next one begins before all sessions of the first go on.</summary>
    [LabFact]
    public void A_freeze_right_after_one_that_was_taken_back_takes_all_sessions()
    {
        const int Count = 300;
        MovedSession[] sessions = [.. Enumerable.Range(0, Count).Select(_ => _site.Connect())];
        Assert.All(sessions, session => session.AssertCarries(95));

        Assert.Equal(Count, _site.Freeze().Shipped);
        _site.TakeBack();
        FrozenSessions moved = _site.Move();

        Assert.Equal((Count, 0), (moved.Shipped, moved.Left));
        Assert.All(sessions, session => session.AssertCarries(97));
        Array.ForEach(sessions, session => session.Dispose());
    }

    private static Thread Sending(Socket socket, byte[] bytes)
    {
        Thread thread = new(() => socket.Send(bytes));
        thread.Start();
        return thread;
    }
}
