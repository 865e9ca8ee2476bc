using System;
using System.Runtime.InteropServices;

namespace ExchangeLb.Bench.Kernel;

/// <summary>An epoll instance, edge-triggered for connections. Owned by one thread.</summary>
internal sealed unsafe class Poller : IDisposable
{
    private const int Capacity = 256, Add = 1, Modify = 3, CloseOnExec = 0x80000;
    private readonly int _epoll = Tcp.Check(Libc.EpollCreate(CloseOnExec), "epoll_create1");
    private readonly EpollEvent* _events = (EpollEvent*)NativeMemory.Alloc(Capacity, (nuint)sizeof(EpollEvent));

    internal void WatchListener(int fd, long data) => Control(Add, fd, EpollEvents.In, data);

    internal void Watch(int fd, long data) => Control(Add, fd, EpollEvents.In | EpollEvents.PeerClosed | EpollEvents.EdgeTriggered, data);

    /// <summary>As <see cref="Watch"/>, and tells when the socket is writable again.</summary>
    internal void WatchBoth(int fd, long data, bool known) => Control(
        known ? Modify : Add, fd, EpollEvents.In | EpollEvents.Out | EpollEvents.PeerClosed | EpollEvents.EdgeTriggered, data);

    /// <summary>What happened, valid until the next call; empty when <paramref name="limit"/> has passed or a signal came.</summary>
    internal ReadOnlySpan<EpollEvent> Wait(TimeSpan limit)
    {
        var ticks = Math.Max(0, limit.Ticks);
        var time = new TimeSpec { Seconds = ticks / TimeSpan.TicksPerSecond, Nanoseconds = ticks % TimeSpan.TicksPerSecond * 100 };
        var count = Libc.EpollWait(_epoll, _events, Capacity, &time, null);
        if (count >= 0) { return new ReadOnlySpan<EpollEvent>(_events, count); }
        return Libc.Error == Errno.Interrupted ? default : throw BrokenRunException.OfSystemCall("epoll_pwait2", Libc.Error);
    }

    public void Dispose()
    {
        Libc.Close(_epoll);
        NativeMemory.Free(_events);
    }

    private void Control(int operation, int fd, uint events, long data)
    {
        var change = new EpollEvent { Events = events, Data = data };
        Tcp.Check(Libc.EpollControl(_epoll, operation, fd, &change), "epoll_ctl");
    }
}
