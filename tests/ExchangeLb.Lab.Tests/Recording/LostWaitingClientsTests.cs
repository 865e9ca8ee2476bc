using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;
using System.Net.Sockets;
using ExchangeLb.Lab.Tests.HandOver;
using ExchangeLb.Lab.Tests.World;
using ExchangeLb.Proxy.Recording;
using Xunit;

namespace ExchangeLb.Lab.Tests.Recording;

/// <summary>Who is told of when an address is lost: also clients behind `maxconn`, who have no session and would hang like one; not who lives elsewhere.</summary>
public sealed class LostWaitingClientsTests
{
    private const int Served = 2, Waiting = 5;
    private const int MoreThanAreForgottenAtOnce = 150;

    [LabFact]
    public void Clients_who_wait_in_line_are_told_of_when_their_node_loses_the_address()
    {
        using MovingSite site = new($"maxconn {Served}", maxConn: 1000, spare: 0, threads: 2);
        List<MovedSession> sessions = [.. Enumerable.Range(0, Served).Select(_ => site.Connect())];
        sessions.ForEach(session => session.AssertCarries(1));
        List<Socket> waiting = [.. Enumerable.Range(0, Waiting).Select(_ => site.ConnectClient())];
        Assert.True(site.NobodyConnects, "there was no place");
        Assert.Equal(Served + Waiting, site.Move().Shipped);
        Eventually.Holds(Eventually.Seconds(20), () => site.Owner.Sessions == Served, () => $"{site.Owner.Sessions}");

        ConcurrentQueue<byte[]> lost = new();
        Assert.True(site.Owner.Recorded.AbandonAsync(MovingSite.Vip, records => lost.Enqueue(records.ToArray())).Wait(TimeSpan.FromSeconds(30)));

        Assert.Equal((Served, Waiting), Count(lost));
        sessions.ForEach(session => session.Dispose());
        waiting.ForEach(client => client.Dispose());
    }

    [LabTheory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_is_frozen_is_told_of_as_lost_unless_it_goes_on_elsewhere(bool goesOn)
    {
        using MovingSite site = new("", maxConn: 1000, spare: 0, threads: 1);
        List<MovedSession> sessions = [.. Enumerable.Range(0, MoreThanAreForgottenAtOnce).Select(_ => site.Connect())];
        Eventually.Holds(Eventually.Seconds(20), () => site.Owner.Sessions == sessions.Count, () => $"{site.Owner.Sessions}");
        ConcurrentQueue<byte[]> lost = new();
        site.Freeze();

        if (goesOn) { site.Owner.Movable.Forget(MovingSite.Vip); }
        Assert.True(site.Owner.Recorded.AbandonAsync(MovingSite.Vip, records => lost.Enqueue(records.ToArray())).Wait(TimeSpan.FromSeconds(30)));

        Assert.Equal(0, site.Owner.Sessions);
        Assert.Equal((goesOn ? 0 : sessions.Count, 0), Count(lost));
        sessions.ForEach(session => session.Dispose());
    }

    private static (int WithServer, int Alone) Count(IEnumerable<byte[]> told)
    {
        int withServer = 0, alone = 0;
        foreach (byte[] records in told)
        {
            RecordReader reader = new(records);
            while (reader.TryNext(out SessionRecord record))
            {
                bool isAlone = record.Server.Remote.Mapped == record.Client.Local.Mapped && record.Server.Remote.Port == record.Client.Local.Port;
                alone += isAlone ? 1 : 0;
                withServer += isAlone ? 0 : 1;
            }
        }
        return (withServer, alone);
    }
}
