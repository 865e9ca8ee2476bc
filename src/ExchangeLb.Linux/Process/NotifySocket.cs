using System;
using System.Runtime.InteropServices;
using System.Text;

namespace ExchangeLb.Linux.Process;

/// <summary>
/// The service manager's socket (sd_notify(3), "Standalone Implementations"): one datagram a message, lines of `NAME=value`.
/// </summary>
public static unsafe partial class NotifySocket
{
    private const int AF_UNIX = 1;
    private const int SOCK_DGRAM = 2;
    private const int SOCK_CLOEXEC = 0x80000;
    private const int MSG_NOSIGNAL = 0x4000;

    /// <summary>sockaddr_un.sun_path (unix(7)).</summary>
    internal const int PathBytes = 108;

    /// <param name="address">$NOTIFY_SOCKET: a path, or `@name` in the abstract name space; other forms are not for us.</param>
    /// <returns>False when the address is none or nobody listens: the service manager then goes by its own time-out.</returns>
    public static bool Send(string address, string message)
    {
        byte* name = stackalloc byte[2 + PathBytes];
        int length = Address(address, new Span<byte>(name, 2 + PathBytes));
        if (length == 0)
        {
            return false;
        }
        int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        if (descriptor < 0)
        {
            return false;
        }
        byte[] bytes = Encoding.UTF8.GetBytes(message);
        bool sent;
        fixed (byte* data = bytes)
        {
            sent = sendto(descriptor, data, (nuint)bytes.Length, MSG_NOSIGNAL, name, (uint)length) == bytes.Length;
        }
        ReadinessPipe.Close(descriptor);
        return sent;
    }

    /// <summary>Writes a sockaddr_un; returns its length, or 0 when <paramref name="address"/> is not one that fits.</summary>
    internal static int Address(string address, Span<byte> name)
    {
        int size = Encoding.UTF8.GetByteCount(address);
        if (size is < 2 or >= PathBytes || address[0] is not ('/' or '@'))
        {
            return 0;
        }
        name.Clear();
        MemoryMarshal.Write(name, (ushort)AF_UNIX);
        _ = Encoding.UTF8.GetBytes(address, name[2..]);
        if (address[0] == '@')
        {
            name[2] = 0; // abstract: a leading zero byte, and the length says where the name ends
            return 2 + size;
        }
        return 2 + size + 1;
    }

    [LibraryImport("libc")]
    private static partial int socket(int family, int type, int protocol);

    [LibraryImport("libc")]
    private static partial nint sendto(int descriptor, byte* data, nuint length, int flags, byte* address, uint addressLength);
}
