using System;
using System.Collections.Generic;
using ExchangeLb.Linux.Calls;
using ExchangeLb.Linux.Polling;
using ExchangeLb.Proxy.Loops;

namespace ExchangeLb.Proxy.Listening;

/// <summary>
/// The listeners of one loop, watched or paused. A paused one is out of the epoll set: what connects meanwhile waits in the kernel's
/// queue. It is tried again when a limit has room, and now and then anyway. Owner: the loop's thread.
/// </summary>
internal sealed class ListenerSet(EpollSet epoll)
{
    /// <summary>How often paused listeners are tried again when nothing tells that there is room.</summary>
    private const int RetryMs = 100;
    private readonly List<Listener> _listeners = [];

    /// <summary>Descriptors or memory ran out while accepting, so often. Read by others.</summary>
    public long PausesTotal { get; private set; }

    /// <summary>When paused listeners are to be tried again; long.MaxValue: none is paused.</summary>
    public long RetryAtMs { get; private set; } = long.MaxValue;

    /// <summary>False once they are closed.</summary>
    public bool IsOpen { get; private set; } = true;

    /// <summary>Before the loop starts only.</summary>
    public SysResult Add(Listener listener)
    {
        _listeners.Add(listener);
        return Watch(_listeners.Count - 1);
    }

    /// <summary>The listener that an event names, or null when it is not to be accepted from.</summary>
    public Listener? Ready(int index) => IsOpen && !_listeners[index].Paused ? _listeners[index] : null;

    public void Pause(Listener listener, bool resourcesExhausted, long nowMs)
    {
        PausesTotal += resourcesExhausted ? 1 : 0;
        if (!listener.Paused)
        {
            listener.Paused = true;
            epoll.Remove(listener.Fd);
        }
        RetryAtMs = Math.Min(RetryAtMs, nowMs + RetryMs);
    }

    /// <summary>Watches the paused ones again, and accepts from them what waits.</summary>
    public void Resume(Action<Listener> accept, long nowMs)
    {
        RetryAtMs = long.MaxValue;
        for (int i = 0; i < _listeners.Count && IsOpen; i++)
        {
            Listener listener = _listeners[i];
            if (!listener.Paused)
            {
                continue;
            }
            if (Watch(i).Failed)
            {
                RetryAtMs = Math.Min(RetryAtMs, nowMs + RetryMs);       // no memory for it: a little later
                continue;
            }
            listener.Paused = false;
            accept(listener);
        }
    }

    public void Close()
    {
        if (!IsOpen)
        {
            return;
        }
        IsOpen = false;
        foreach (Listener listener in _listeners)
        {
            epoll.Remove(listener.Fd);
            if (listener.HeldFd >= 0)
            {
                Descriptor.Close(listener.HeldFd);
            }
            if (listener.OwnsDescriptor)
            {
                Descriptor.Close(listener.Fd);
            }
        }
    }

    /// <summary>Level-triggered. Loops that share an inherited socket are woken one at a time.</summary>
    private SysResult Watch(int index)
    {
        Listener listener = _listeners[index];
        EpollBits bits = listener.Bind.Descriptor < 0 ? EpollBits.EPOLLIN : EpollBits.EPOLLIN | EpollBits.EPOLLEXCLUSIVE;
        return epoll.Add(listener.Fd, bits, new EventKey(EventKind.Listener, 0, index).Value);
    }
}
