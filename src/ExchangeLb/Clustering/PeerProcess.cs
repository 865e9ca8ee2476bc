using System;
using System.Net.Sockets;

namespace ExchangeLb.Clustering;

/// <summary>The process at the other end of a unix socket, by the kernel's word: who connected, or who began to listen.</summary>
internal static class PeerProcess
{
    private const int SOL_SOCKET = 1;
    private const int SO_PEERCRED = 17;

    public static int Of(Socket socket) => Credentials(socket).Process;

    /// <summary>With its effective user at that time, as this process's user namespace has them.</summary>
    public static (int Process, uint User) Credentials(Socket socket)
    {
        Span<byte> credentials = stackalloc byte[12];       // struct ucred { pid_t pid; uid_t uid; gid_t gid; }, unix(7)
        socket.GetRawSocketOption(SOL_SOCKET, SO_PEERCRED, credentials);
        return (BitConverter.ToInt32(credentials), BitConverter.ToUInt32(credentials[4..]));
    }
}
