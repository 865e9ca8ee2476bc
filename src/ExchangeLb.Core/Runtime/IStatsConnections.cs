using System.Net;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Core.Runtime;

/// <summary>Takes over connections that a listener of a `mode http` section has accepted. Implemented by Admin, called by the loops.</summary>
public interface IStatsConnections
{
    /// <summary>Takes ownership of <paramref name="descriptor"/> (connected, non-blocking). Never blocks, never throws.</summary>
    void Take(int descriptor, IStatsSession session);
}

/// <summary>One accepted connection's accounts. Implemented by Proxy; members may be called from any thread.</summary>
public interface IStatsSession
{
    ProxyModel Proxy { get; }
    IPEndPoint Client { get; }
    IPEndPoint Local { get; }

    /// <summary>A request was answered: counted, and logged when the frontend logs.</summary>
    /// <param name="bad">The request was refused because of its form, not because of what it asked for.</param>
    void RequestEnded(string requestLine, int status, long bytesIn, long bytesOut, bool bad);

    /// <summary>The descriptor is closed. Exactly once.</summary>
    void Closed();
}
