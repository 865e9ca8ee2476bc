using ExchangeLb.Core.Model;
using ExchangeLb.Linux.Sockets;
using ExchangeLb.Proxy.HandOver;

namespace ExchangeLb.Proxy;

/// <summary>
/// What may pile up in the sockets of each session. Immutable; a reload brings others, for connections from then on, as in HAProxy. Checks have their
/// sockets as the kernel makes them.
/// </summary>
internal sealed record BufferBounds(SocketBuffers Client, SocketBuffers Server)
{
    // Where sessions move, what a slow reader leaves unread goes along while everybody waits: without bounds 8 to 32 MB of each download at the server's side
    // (tcp_rmem), and 4 MB at the client's (tcp_wmem). The other buffers stay the kernel's: a client may be far away, and his upload needs a large
    // window; what is in flight to him or to a server is limited by what they take. Changed by the global section, where 0 lifts each of them.

    /// <summary>`tune.rcvbuf.server`: 512 KiB of memory, of which data takes half and more. A server within 1 ms sends 2 Gbit/s through it, at least.</summary>
    public const int MovingServerReceive = 256 * 1024;

    /// <summary>`tune.notsent-lowat.client`: 64 KiB, where the kernel asks for more, are on their way for 0.5 ms at 1 Gbit/s.</summary>
    public const int MovingClientNotSent = 128 * 1024;

    /// <summary>`tune.notsent-lowat.server`: the same, for uploads.</summary>
    public const int MovingServerNotSent = 128 * 1024;

    public static BufferBounds Of(GlobalModel global, ServerSideOptions serverSide) => serverSide.SessionsMove
        ? new(BoundsOf(global.ClientBuffers, 0, MovingClientNotSent), BoundsOf(global.ServerBuffers, MovingServerReceive, MovingServerNotSent))
        : new(BoundsOf(global.ClientBuffers, 0, 0), BoundsOf(global.ServerBuffers, 0, 0));

    private static SocketBuffers BoundsOf(SocketBuffersModel said, int receive, int notSent) => new(said.Receive ?? receive, said.Send ?? 0, said.NotSent ?? notSent);
}
