using System;
using System.Net;
using ExchangeLb.Loopback.Tests.Fakes;

namespace ExchangeLb.Loopback.Tests.Balancers;

/// <summary>A balancer at work on loopback addresses: ours, or HAProxy as the judge of what ours should do.</summary>
internal interface IBalancer : IDisposable
{
    /// <summary>Where `bind FRONT` of the configuration listens.</summary>
    IPEndPoint Front { get; }

    LogCollector Log { get; }

    /// <summary>A column of the statistics (management.txt, 9.1) of a proxy's row: a server's name, FRONTEND or BACKEND.</summary>
    long Count(string proxy, string row, string column);

    /// <summary>Sessions in the lines of a backend and of its servers.</summary>
    long Waiting(string proxy);

    /// <summary>Connects, and waits until the session stands in the line of `web` or of one of its servers.</summary>
    Peer ConnectIntoLine(string sent = "")
    {
        long before = Waiting("web");
        Peer client = Connect();
        client.Send(sent);
        Until.True(() => Waiting("web") > before, "the session stands in line");
        return client;
    }

    Peer Connect(IPAddress? from = null, int receiveBuffer = 0) => Peer.Connect(Front, from, receiveBuffer);
}
