using System;
using System.Collections.Generic;
using System.Net.Sockets;
using ExchangeLb.Core.Runtime;
using ExchangeLb.Lab.Tests.HandOver;
using ExchangeLb.Lab.Tests.Repair;
using ExchangeLb.Lab.Tests.World;
using Xunit;

namespace ExchangeLb.Lab.Tests.Recording;

/// <summary>Only the balancer's process dies, on a host that lives: its guard has the sockets of quiet sessions, and the peer goes on with those.</summary>
public sealed class ProcessDeathTests
{
    public enum End
    {
        ClientCloses,
        ServerCloses,
        ClientResets,
        ServerResets,
    }

    [LabTheory]
    [InlineData(RepairWorld.V4, 100)]
    [InlineData(RepairWorld.V6, 10)]
    public void Neither_client_nor_server_of_a_quiet_session_hears_of_it_and_the_peer_goes_on(int version, int count)
    {
        using ProcessSite site = new(version);
        List<MovedSession> sessions = site.ConnectMany(count);
        sessions.ForEach(session => session.AssertCarries(1));
        site.AwaitQuiet(count);

        site.KillBalancer();
        TakenOverSessions result = site.TakeOver();

        Assert.Equal(new TakenOverSessions(count, 0, 0, 0, 0), result);
        Assert.Equal(0, site.EndsSeen);
        sessions.ForEach(session => session.AssertCarries(3));
        sessions.ForEach(session => session.Dispose());
    }

    [LabFact]
    public void A_session_that_was_quiet_and_is_active_is_reset_at_both_sides()
    {
        using ProcessSite site = new(RepairWorld.V4);
        using MovedSession session = site.Connect();
        session.AssertCarries(1);
        site.AwaitQuiet(1);
        site.SnapshotsAreLost = true;
        session.AssertCarries(3);

        site.KillBalancer();
        TakenOverSessions result = site.TakeOver();

        Assert.Equal((0, 1), (result.Continued, result.Active + result.Stale));      // stale: killed between the bytes and the record
        Assert.Equal("reset", WhatIsHeard(session.Client));
        Assert.Equal("reset", WhatIsHeard(session.Server));
    }

    /// <summary>While a duplicate lives, closing a socket says nothing: the balancer has to.</summary>
    [LabTheory]
    [InlineData(End.ClientCloses, "end")]
    [InlineData(End.ServerCloses, "end")]
    [InlineData(End.ClientResets, "end")]
    [InlineData(End.ServerResets, "end")]
    public void The_end_of_a_session_that_is_held_is_heard_as_that_of_any_other(End end, string heard)
    {
        using ProcessSite site = new(RepairWorld.V4);
        using MovedSession isHeld = site.Connect();
        isHeld.AssertCarries(1);
        site.AwaitQuiet(1);
        using MovedSession isNew = site.Connect();
        isNew.AssertCarries(3);     // a server that resets a connection that is not made yet is tried again

        foreach (MovedSession session in new[] { isNew, isHeld })
        {
            (Socket ends, Socket hears) = end is End.ClientCloses or End.ClientResets ? (session.Client, session.Server) : (session.Server, session.Client);
            ends.LingerState = new LingerOption(end is End.ClientResets or End.ServerResets, 0);
            ends.Close();
            Assert.Equal(heard, WhatIsHeard(hears));
            hears.Close();
        }

        site.AwaitHeld(0);
    }

    [LabFact]
    public void After_a_thousand_sessions_the_guard_has_as_many_descriptors_as_before()
    {
        using ProcessSite site = new(RepairWorld.V4);
        using (MovedSession first = site.Connect())
        {
            site.AwaitHeld(1);
        }
        site.AwaitHeld(0);
        int before = site.GuardsDescriptors();
        List<MovedSession> sessions = site.ConnectMany(1000);
        site.AwaitHeld(1000);
        Assert.Equal(before + 2000, site.GuardsDescriptors());

        sessions.ForEach(session => session.Dispose());
        site.AwaitHeld(0);

        Assert.Equal(before, site.GuardsDescriptors());
    }

    [LabFact]
    public void An_orderly_stop_ends_the_sessions_and_nothing_is_held_any_more()
    {
        using ProcessSite site = new(RepairWorld.V4);
        List<MovedSession> sessions = site.ConnectMany(10);
        site.AwaitHeld(10);

        site.StopBalancer();

        sessions.ForEach(session => Assert.Equal("end", WhatIsHeard(session.Client)));
        sessions.ForEach(session => Assert.Equal("end", WhatIsHeard(session.Server)));
        site.AwaitHeld(0);
        Assert.DoesNotContain("fenced", site.GuardSaid, StringComparison.Ordinal);
    }

    [LabFact]
    public void The_next_guard_gets_the_sockets_of_the_sessions_that_are_quiet()
    {
        using ProcessSite site = new(RepairWorld.V4);
        List<MovedSession> sessions = site.ConnectMany(100);
        sessions.ForEach(session => session.AssertCarries(1));
        site.AwaitQuiet(100);

        site.KillGuard();
        site.AwaitHeld(100);
        site.KillBalancer();

        Assert.Equal(100, site.TakeOver().Continued);
        Assert.Equal(0, site.EndsSeen);
        sessions.ForEach(session => session.AssertCarries(3));
        sessions.ForEach(session => session.Dispose());
    }

    private static string WhatIsHeard(Socket socket)
    {
        try
        {
            return socket.Receive(new byte[1]) == 0 ? "end" : "a byte";
        }
        catch (SocketException failure)
        {
            return failure.SocketErrorCode == SocketError.ConnectionReset ? "reset" : failure.SocketErrorCode.ToString();
        }
    }
}
