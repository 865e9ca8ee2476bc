using System;
using System.Collections.Generic;
using System.Threading;
using ExchangeLb.Linux.Polling;

namespace ExchangeLb.Proxy.Loops;

/// <summary>
/// Messages to a loop from any thread. Its length is bounded by what is sent: at most one message per waiting session, one per
/// change of a server, one per pause of a listener.
/// </summary>
internal sealed class Mailbox : IDisposable
{
    private readonly Lock _lock = new();
    private readonly WakeUp _wakeUp = new();
    private List<LoopMessage> _incoming = [];
    private List<LoopMessage> _draining = [];
    private bool _closed;

    public int WakeUpFd => _wakeUp.Fd;

    /// <summary>False when the loop has ended: nobody will read it.</summary>
    public bool Post(LoopMessage message)
    {
        bool first;
        lock (_lock)
        {
            if (_closed)
            {
                return false;
            }
            first = _incoming.Count == 0;
            _incoming.Add(message);
            if (first)
            {
                _wakeUp.Signal();
            }
        }
        return true;
    }

    /// <summary>Wakes the loop though there is nothing to tell it. Waits for nobody: who holds the lock wakes it, or is the loop itself.</summary>
    public void Nudge()
    {
        if (!_lock.TryEnter())
        {
            return;
        }
        try
        {
            if (!_closed)
            {
                _wakeUp.Signal();
            }
        }
        finally
        {
            _lock.Exit();
        }
    }

    /// <summary>All messages so far; valid until the next call. By the loop's thread alone.</summary>
    public List<LoopMessage> Drain()
    {
        _draining.Clear();
        lock (_lock)
        {
            _wakeUp.Clear();
            (_incoming, _draining) = (_draining, _incoming);
        }
        return _draining;
    }

    /// <summary>Nothing more is taken.</summary>
    /// <returns>What was, and has not been read.</returns>
    public List<LoopMessage> Close()
    {
        lock (_lock)
        {
            if (!_closed)
            {
                _closed = true;
                _wakeUp.Dispose();
            }
            List<LoopMessage> left = _incoming;
            _incoming = [];
            return left;
        }
    }

    public void Dispose() => Close();
}
