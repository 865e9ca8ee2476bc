using System;
using System.Runtime.CompilerServices;
using System.Text;
using ExchangeLb.Linux.Calls;

namespace ExchangeLb.Linux.Sockets;

/// <summary>System calls on non-blocking stream sockets. Each returns at once.</summary>
public static unsafe class TcpSocket
{
    private const int SOCK_STREAM = 1;
    private const int SOCK_NONBLOCK = 0x800;
    private const int SOCK_CLOEXEC = 0x80000;
    private const int MSG_NOSIGNAL = 0x4000;
    private const int MSG_MORE = 0x8000;
    private const int SHUT_WR = 1;

    /// <summary>A new non-blocking, close-on-exec TCP socket: descriptor, or EMFILE, ENFILE, ENOBUFS, ENOMEM, EAFNOSUPPORT.</summary>
    public static SysResult Create(int family) => SysResult.Of(Libc.socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));

    public static SysResult Bind(int fd, in SockAddress address)
    {
        fixed (SockAddress* pointer = &address)
        {
            return SysResult.Of(Libc.bind(fd, pointer, address.Length));
        }
    }

    public static SysResult Listen(int fd, int backlog) => SysResult.Of(Libc.listen(fd, backlog));

    /// <summary>accept4(2), non-blocking and close-on-exec: descriptor, or EAGAIN, EMFILE, ENFILE, ENOBUFS, ENOMEM, or an error of the connection.</summary>
    [SkipLocalsInit]
    public static SysResult Accept(int listener, out SockAddress peer)
    {
        uint length = SockAddress.Capacity;
        Unsafe.SkipInit(out peer);
        fixed (SockAddress* pointer = &peer)
        {
            return SysResult.Of(Libc.accept4(listener, pointer, &length, SOCK_NONBLOCK | SOCK_CLOEXEC));
        }
    }

    /// <summary>connect(2): 0, EINPROGRESS, or the error.</summary>
    public static SysResult Connect(int fd, in SockAddress address)
    {
        fixed (SockAddress* pointer = &address)
        {
            return SysResult.Of(Libc.connect(fd, pointer, address.Length));
        }
    }

    /// <summary>recv(2): bytes, 0 at the end of the stream, EAGAIN, or the error of the connection.</summary>
    public static SysResult Receive(int fd, Span<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            return SysResult.Of(Libc.recv(fd, start, (nuint)buffer.Length, 0));
        }
    }

    /// <summary>send(2) without SIGPIPE: bytes taken, EAGAIN, EPIPE, ECONNRESET or another error of the connection.</summary>
    /// <param name="more">More (or the end of the stream) follows at once: MSG_MORE, so that both leave in one segment.</param>
    public static SysResult Send(int fd, ReadOnlySpan<byte> bytes, bool more)
    {
        fixed (byte* start = bytes)
        {
            int flags = more ? MSG_NOSIGNAL | MSG_MORE : MSG_NOSIGNAL;
            SysResult sent = SysResult.Of(Libc.send(fd, start, (nuint)bytes.Length, flags));
            return sent.Error == Errno.EINTR ? SysResult.Of(Libc.send(fd, start, (nuint)bytes.Length, flags)) : sent;
        }
    }

    /// <summary>Ends our direction of the stream; the other goes on.</summary>
    public static SysResult ShutdownWrite(int fd) => SysResult.Of(Libc.shutdown(fd, SHUT_WR));

    public static SysResult LocalAddress(int fd, out SockAddress address)
    {
        uint length = SockAddress.Capacity;
        address = default;
        fixed (SockAddress* pointer = &address)
        {
            return SysResult.Of(Libc.getsockname(fd, pointer, &length));
        }
    }

    public static SysResult PeerAddress(int fd, out SockAddress address)
    {
        uint length = SockAddress.Capacity;
        address = default;
        fixed (SockAddress* pointer = &address)
        {
            return SysResult.Of(Libc.getpeername(fd, pointer, &length));
        }
    }

    public static SysResult Set(int fd, SocketOption option, int value) =>
        SysResult.Of(Libc.setsockopt(fd, option.Level, option.Name, &value, sizeof(int)));

    public static SysResult Get(int fd, SocketOption option)
    {
        int value = 0;
        uint length = sizeof(int);
        var result = SysResult.Of(Libc.getsockopt(fd, option.Level, option.Name, &value, &length));
        return result.Failed ? result : SysResult.Of(value);
    }

    /// <summary>The pending error of the socket (SO_ERROR), cleared by reading it.</summary>
    public static Errno TakeError(int fd)
    {
        SysResult result = Get(fd, SocketOption.Error);
        return result.Failed ? result.Error : (Errno)result.Value;
    }

    /// <summary>The next close resets the connection and leaves no TIME_WAIT.</summary>
    public static SysResult ResetOnClose(int fd)
    {
        long linger = 1;    // struct linger { int l_onoff = 1; int l_linger = 0; }, little endian
        SocketOption option = SocketOption.Linger;
        return SysResult.Of(Libc.setsockopt(fd, option.Level, option.Name, &linger, sizeof(long)));
    }

    /// <summary>SO_BINDTODEVICE; EPERM without CAP_NET_RAW on old kernels, ENODEV for an unknown interface.</summary>
    public static SysResult BindToDevice(int fd, string device)
    {
        byte[] name = Encoding.ASCII.GetBytes(device + "\0");
        SocketOption option = SocketOption.BindToDevice;
        fixed (byte* start = name)
        {
            return SysResult.Of(Libc.setsockopt(fd, option.Level, option.Name, start, (uint)name.Length));
        }
    }
}
