using System;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using ExchangeLb.Linux.Calls;
using ExchangeLb.Linux.Sockets;

namespace ExchangeLb.Linux.Datagrams;

/// <summary>
/// Sends datagrams to one target, gathered and sent many in one call. Never waits: what the kernel does not take at once is
/// dropped and counted, as a log must not hold up the traffic. Owner: one thread.
/// </summary>
public sealed unsafe class DatagramSender : IDisposable
{
    /// <summary>Datagrams gathered before they are sent without being asked to.</summary>
    public const int BatchLimit = 64;

    /// <summary>Largest gathered size in bytes; a longer datagram is refused.</summary>
    public const int BufferSize = 64 * 1024;

    private const int AF_UNIX = 1;
    private const int SOCK_DGRAM = 2;
    private const int SOCK_NONBLOCK = 0x800;
    private const int SOCK_CLOEXEC = 0x80000;
    private const int MSG_NOSIGNAL = 0x4000;
    private const int UnixPathLimit = 108;

    private readonly byte* _buffer = (byte*)NativeMemory.Alloc(BufferSize);
    private readonly IoVector* _vectors = (IoVector*)NativeMemory.AllocZeroed(BatchLimit, (nuint)sizeof(IoVector));
    private readonly MultiMessageHeader* _headers =
        (MultiMessageHeader*)NativeMemory.AllocZeroed(BatchLimit, (nuint)sizeof(MultiMessageHeader));
    private readonly byte* _name;
    private readonly uint _nameLength;
    private readonly int _fd;
    private int _count;
    private int _used;
    private bool _disposed;

    private DatagramSender(int fd, byte[]? name)
    {
        _fd = fd;
        if (name is not null)
        {
            _name = (byte*)NativeMemory.Alloc((nuint)name.Length);
            name.CopyTo(new Span<byte>(_name, name.Length));
            _nameLength = (uint)name.Length;
        }
    }

    /// <summary>Datagrams that the kernel did not take.</summary>
    public long DroppedTotal { get; private set; }

    /// <summary>
    /// A UDP socket connected to <paramref name="target"/>; null with the reason when there can be none. Without a route to it
    /// (the network is not up yet) the socket stays unconnected and the address goes with each batch, so that lines are sent as soon
    /// as there is one.
    /// </summary>
    public static DatagramSender? TryOpen(IPEndPoint target, out SysResult reason)
    {
        int family = target.AddressFamily == AddressFamily.InterNetwork ? SockAddress.AF_INET : SockAddress.AF_INET6;
        reason = SysResult.Of(Libc.socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        if (reason.Failed)
        {
            return null;
        }
        int fd = reason.Count;
        var address = SockAddress.From(target);
        bool connected = TcpSocket.Connect(fd, address).Ok;
        return new DatagramSender(fd, connected ? null : address.ToBytes());
    }

    /// <summary>
    /// A socket that sends to the Unix datagram socket at <paramref name="path"/>. It need not exist yet, and may be made anew
    /// (the logger restarts): it is looked up with each batch.
    /// </summary>
    public static DatagramSender? TryOpenUnix(string path, out SysResult reason)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(path);
        if (bytes.Length >= UnixPathLimit)
        {
            reason = SysResult.FromError(Errno.EINVAL);
            return null;
        }
        reason = SysResult.Of(Libc.socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        if (reason.Failed)
        {
            return null;
        }
        var name = new byte[2 + bytes.Length + 1];      // struct sockaddr_un: family, path, NUL (unix(7))
        name[0] = AF_UNIX;
        bytes.CopyTo(name, 2);
        return new DatagramSender(reason.Count, name);
    }

    /// <summary>Gathers one datagram; sends the gathered ones first when there is no room.</summary>
    public void Append(ReadOnlySpan<byte> datagram)
    {
        if (datagram.Length > BufferSize)
        {
            DroppedTotal++;
            return;
        }
        if (_count == BatchLimit || _used + datagram.Length > BufferSize)
        {
            Flush();
        }
        datagram.CopyTo(new Span<byte>(_buffer + _used, BufferSize - _used));
        _vectors[_count] = new IoVector { Start = _buffer + _used, Length = (nuint)datagram.Length };
        _headers[_count] = new MultiMessageHeader
        {
            Name = _name,
            NameLength = _nameLength,
            Vectors = _vectors + _count,
            VectorCount = 1,
        };
        _used += datagram.Length;
        _count++;
    }

    /// <summary>Sends what was gathered.</summary>
    public void Flush()
    {
        int next = 0;
        bool retried = false;
        while (next < _count)
        {
            var sent = SysResult.Of(Libc.sendmmsg(_fd, _headers + next, (uint)(_count - next), MSG_NOSIGNAL));
            if (sent.Ok)
            {
                next += sent.Count;
                retried = false;
            }
            else if (!retried && sent.Error is (Errno.ECONNREFUSED or Errno.EINTR))
            {
                retried = true;     // ECONNREFUSED tells of an earlier datagram (udp(7)): this one was not tried yet
            }
            else
            {
                DroppedTotal++;
                next++;
                retried = false;
            }
        }
        _count = 0;
        _used = 0;
    }

    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }
        _disposed = true;
        Flush();
        Descriptor.Close(_fd);
        NativeMemory.Free(_buffer);
        NativeMemory.Free(_vectors);
        NativeMemory.Free(_headers);
        NativeMemory.Free(_name);
    }
}
