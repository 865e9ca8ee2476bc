using ExchangeLb.Linux.Calls;
using ExchangeLb.Linux.Repair;
using ExchangeLb.Linux.Sockets;
using ExchangeLb.Proxy.Backends;
using ExchangeLb.Proxy.Frontends;

namespace ExchangeLb.Proxy.HandOver;

/// <summary>A session from another node, with its connections restored in sockets that are in repair.</summary>
/// <param name="Home">
/// Where it belongs in this node's configuration. Null: a reload has taken that away, and the session, which may live on where it began, ends here: one that
/// is left over from an older configuration must not keep all others from moving.
/// </param>
/// <param name="ServerSocket">Null: the server's connection is over.</param>
/// <param name="OpenedMs">When what the image says of times was so, on the loops' clock.</param>
internal sealed record AdoptedSession(SessionImage Image, SessionHome? Home, RestoredSocket Client, RestoredSocket? ServerSocket, long OpenedMs)
{
    /// <summary>It was not told ahead: something may have been on its way when it was described, and its sides may have acknowledged what is to be sent again here.</summary>
    public bool IsAmid => !Client.IsQuiet || ServerSocket is { IsQuiet: false };

    /// <summary>Bytes that its sockets do not hold, and that it goes on with itself.</summary>
    public long BytesInHand => Image.Upload.Held.Length + Image.Download.Held.Length + InHand(Image.Client, Client) + (Image.ServerSide is { } server ? InHand(server, ServerSocket) : 0);

    private static long InHand(TcpImage image, RestoredSocket? socket) => image.Unsent.Length + (socket is { HoldsReceived: true } ? 0 : image.Received.Length);

    /// <summary>Once packets may pass: both sides are told by a reset.</summary>
    public void Refuse()
    {
        TcpRestore.Release(Client);
        TcpSocket.ResetOnClose(Client.Fd);
        Descriptor.Close(Client.Fd);
        if (ServerSocket is { } server)
        {
            TcpRestore.Release(server);
            TcpSocket.ResetOnClose(server.Fd);
            Descriptor.Close(server.Fd);
        }
    }

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

/// <summary>What an adopted session's names stand for here, in one configuration.</summary>
/// <param name="Place">Null: it had no server yet.</param>
internal sealed record SessionHome(FrontendState Frontend, SessionPlace? Place, RunningProxies Of);

/// <summary>Where a session's server is.</summary>
internal sealed record SessionPlace(BackendPlan Backend, ServerState Server);
