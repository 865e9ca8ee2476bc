using System;
using System.Runtime.InteropServices;
using ExchangeLb.Linux.Calls;

namespace ExchangeLb.Linux.Polling;

/// <summary>An epoll instance. Owner: the thread that waits on it; adding and removing is allowed from others too (epoll(7)).</summary>
public sealed unsafe class EpollSet : IDisposable
{
    private const int EPOLL_CLOEXEC = 0x80000;
    private const int EPOLL_CTL_ADD = 1;
    private const int EPOLL_CTL_DEL = 2;
    private const int EPOLL_CTL_MOD = 3;
    private readonly int _fd;
    private bool _disposed;

    /// <exception cref="InvalidOperationException">No descriptor is left for it.</exception>
    public EpollSet()
    {
        var created = SysResult.Of(Libc.epoll_create1(EPOLL_CLOEXEC));
        if (created.Failed)
        {
            throw new InvalidOperationException($"epoll_create1: {created.Describe()}");
        }
        _fd = created.Count;
    }

    /// <summary>Readable while one of its events is; so a set can be a member of another.</summary>
    public int Fd => _fd;

    public SysResult Add(int fd, EpollBits bits, ulong data) => Control(EPOLL_CTL_ADD, fd, bits, data);

    public SysResult Modify(int fd, EpollBits bits, ulong data) => Control(EPOLL_CTL_MOD, fd, bits, data);

    /// <summary>Closing a descriptor removes it as well, unless a duplicate of it lives.</summary>
    public SysResult Remove(int fd) => Control(EPOLL_CTL_DEL, fd, EpollBits.None, 0);

    /// <summary>Waits at most <paramref name="timeoutMs"/> (-1: for ever, 0: not at all); the number of events, or EINTR.</summary>
    public SysResult Wait(Span<EpollEvent> events, int timeoutMs)
    {
        fixed (EpollEvent* start = events)
        {
            int count = Libc.epoll_wait_blocking(_fd, start, events.Length, timeoutMs);
            return count >= 0 ? SysResult.Of(count) : SysResult.FromError((Errno)Marshal.GetLastPInvokeError());
        }
    }

    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            Descriptor.Close(_fd);
        }
    }

    private SysResult Control(int operation, int fd, EpollBits bits, ulong data)
    {
        var @event = new EpollEvent { Bits = bits, Data = data };
        return SysResult.Of(Libc.epoll_ctl(_fd, operation, fd, &@event));
    }
}
