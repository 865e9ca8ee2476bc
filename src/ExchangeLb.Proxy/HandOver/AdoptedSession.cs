using ExchangeLb.Linux.Repair;
using ExchangeLb.Proxy.Backends;
using ExchangeLb.Proxy.Frontends;

namespace ExchangeLb.Proxy.HandOver;

/// <summary>A session from another node, with its connections restored in sockets that are in repair, and found again in this node's configuration.</summary>
/// <param name="ServerSocket">Null: the server's connection is over.</param>
internal sealed record AdoptedSession(
    SessionImage Image, FrontendState Frontend, BackendPlan Backend, ServerState Server, RestoredSocket Client, RestoredSocket? ServerSocket)
{
    /// <summary>Closes both without a packet.</summary>
    public void Drop()
    {
        TcpDump.CloseFrozen(Client.Fd);
        if (ServerSocket is { } server)
        {
            TcpDump.CloseFrozen(server.Fd);
        }
    }
}
