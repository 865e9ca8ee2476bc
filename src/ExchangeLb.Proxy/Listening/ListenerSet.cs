using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using ExchangeLb.Core.Model;
using ExchangeLb.Linux.Calls;
using ExchangeLb.Linux.Polling;
using ExchangeLb.Linux.Sockets;
using ExchangeLb.Proxy.Frontends;
using ExchangeLb.Proxy.Loops;
using ExchangeLb.Proxy.Sessions;

namespace ExchangeLb.Proxy.Listening;

/// <summary>
/// The listeners of one loop, watched or paused. A paused one is out of the epoll set: what connects meanwhile waits in the kernel's
/// queue. It is tried again when a limit has room, and now and then anyway. Owner: the loop's thread.
/// </summary>
internal sealed class ListenerSet(EpollSet epoll, ProcessState process)
{
    /// <summary>How often paused listeners are tried again when nothing tells that there is room.</summary>
    private const int RetryMs = 100;

    /// <summary>A listener that is no longer configured takes those who wait in its queue, for so long at most.</summary>
    private const int LeaveWithinMs = 1000;

    /// <summary>By slot, which events name; null: free. A socket keeps its slot.</summary>
    private readonly List<Listener?> _listeners = [];

    /// <summary>Descriptors or memory ran out while accepting, so often. Read by others.</summary>
    public long PausesTotal { get; private set; }

    /// <summary>When paused listeners are to be tried again; long.MaxValue: none is paused.</summary>
    public long RetryAtMs { get; private set; } = long.MaxValue;

    /// <summary>Any thread.</summary>
    public bool AnyPaused => RetryAtMs != long.MaxValue;

    /// <summary>False once they are closed.</summary>
    public bool IsOpen { get; private set; } = true;

    /// <summary>
    /// Puts the listeners of the next configuration in place of those on the same sockets and watches new ones.
    /// </summary>
    /// <returns>Those that it has no more: who waits there is to be accepted; they close after that.</returns>
    public List<Listener> Replace(ImmutableArray<Listener> next, long nowMs)
    {
        List<Listener> leaving = [];
        if (!IsOpen)
        {
            CloseUnknown(next);
            return leaving;
        }
        var stay = new HashSet<BindState>();
        foreach (Listener listener in next)
        {
            stay.Add(listener.Shared);
            Put(listener, nowMs);
        }
        foreach (Listener? listener in _listeners)
        {
            if (listener is { Leaving: false } && !stay.Contains(listener.Shared))
            {
                listener.LeavesByMs = nowMs + LeaveWithinMs;
                leaving.Add(listener);
            }
        }
        return leaving;
    }

    /// <summary>The listener that an event names, or null when it is not to be accepted from.</summary>
    public Listener? Ready(int index) =>
        IsOpen && index < _listeners.Count && _listeners[index] is { Paused: false } listener ? listener : null;

    /// <summary>The listener that a connection to this address of ours would have come to; null: the frontend has none.</summary>
    public Listener? Find(FrontendState frontend, in SockAddress local)
    {
        Listener? found = null;
        foreach (Listener? listener in _listeners)
        {
            if (listener is { Leaving: false } && listener.Frontend == frontend && listener.Bind.Address is { } bound)
            {
                SockAddress address = SockAddress.From(bound);
                bool exact = address.Port == local.Port && address.Mapped == local.Mapped;
                if (exact)
                {
                    return listener;
                }
                found = found is null || address.Port == local.Port ? listener : found;
            }
        }
        return found;
    }

    /// <summary>Those, paused or not, to which clients of one of these addresses come whose sessions can move.</summary>
    public IEnumerable<Listener> At(LocalAddresses at) =>
        _listeners.OfType<Listener>().Where(listener => IsOpen && listener.Frontend.Mode == ProxyMode.Tcp && at.MayReach(listener)).ToArray();

    /// <summary>Those who wait in the lines of these addresses, in line.</summary>
    public List<(Listener Listener, WaitingClient Client)> InLine(LocalAddresses at, Func<WaitingClient, bool> match, int atMost = int.MaxValue)
    {
        List<(Listener, WaitingClient)> found = [];
        foreach (Listener? listener in _listeners)
        {
            if (listener is { Line.IsEmpty: false } && at.MayReach(listener) && found.Count < atMost)
            {
                found.AddRange(listener.Line.Those(client => match(client) && at.AreOf(listener, client), atMost - found.Count).Select(client => (listener, client)));
            }
        }
        return found;
    }

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
            if (_listeners[i] is not { Paused: true } listener)
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

    /// <summary>Closes one that is leaving; where clients in its line are about to move, a little later.</summary>
    public void Remove(Listener listener, long nowMs)
    {
        if (listener.Line.AnyFrozen)
        {
            Pause(listener, resourcesExhausted: false, nowMs);
            return;
        }
        int slot = _listeners.IndexOf(listener);
        if (slot >= 0)
        {
            _listeners[slot] = null;
            Close(listener);
        }
    }

    /// <summary>Those who are about to move stay in their lines, until it is known whether they have; at the loop's end, which closes once more, they go without a packet.</summary>
    public void Close()
    {
        bool first = IsOpen;
        IsOpen = false;
        foreach (Listener listener in _listeners.OfType<Listener>())
        {
            if (first)
            {
                Close(listener);
            }
            else
            {
                listener.Line.DropAll(process, frozen: true);
            }
        }
    }

    private void Put(Listener listener, long nowMs)
    {
        int slot = SlotOf(listener.Shared);
        if (slot >= 0)
        {
            listener.TakeOver(_listeners[slot]!);
            _listeners[slot] = listener;
            ListenSocket.Adjust(listener, process.Buffers.Client);
            return;
        }
        slot = _listeners.IndexOf(null);
        if (slot < 0)
        {
            slot = _listeners.Count;
            _listeners.Add(null);
        }
        _listeners[slot] = listener;
        if (Watch(slot).Failed)
        {
            listener.Paused = true;
            RetryAtMs = Math.Min(RetryAtMs, nowMs + RetryMs);
        }
    }

    private int SlotOf(BindState shared) => _listeners.FindIndex(listener => listener?.Shared == shared);

    /// <summary>Sockets that came when all were closed already. Told by what they share: numbers of closed ones are others' by now.</summary>
    private void CloseUnknown(ImmutableArray<Listener> next)
    {
        foreach (Listener listener in next)
        {
            if (SlotOf(listener.Shared) < 0)
            {
                Release(listener);
            }
        }
    }

    private void Close(Listener listener)
    {
        epoll.Remove(listener.Fd);
        listener.Line.DropAll(process, frozen: false);
        Release(listener);
    }

    /// <summary>An inherited socket is the loops' in common: the last one closes it.</summary>
    private static void Release(Listener listener)
    {
        bool last = listener.Shared.LeaveLast();
        if (last || listener.Bind.Descriptor < 0)
        {
            Descriptor.Close(listener.Fd);
        }
    }

    /// <summary>Level-triggered. Loops that share an inherited socket are woken one at a time.</summary>
    private SysResult Watch(int index)
    {
        Listener listener = _listeners[index]!;
        EpollBits bits = listener.Bind.Descriptor < 0 ? EpollBits.EPOLLIN : EpollBits.EPOLLIN | EpollBits.EPOLLEXCLUSIVE;
        return epoll.Add(listener.Fd, bits, new EventKey(EventKind.Listener, 0, index).Value);
    }
}
