using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Threading;
using ExchangeLb.Bench.Kernel;

namespace ExchangeLb.Bench.Traffic;

/// <summary>
/// A syslog receiver for each proxy, which counts the lines and discards them. The count shows that the traffic log, a part of the work
/// that is measured, was really written, one line a session.
/// </summary>
internal sealed unsafe class LogSink : IDisposable
{
    private static readonly TimeSpan Batch = TimeSpan.FromMilliseconds(5);
    private readonly int[] _sockets;
    private readonly int[] _ports;
    private readonly long[] _lines;
    private readonly Poller _poller = new();
    private readonly Thread _thread;
    private volatile bool _stops;

    internal LogSink(IEnumerable<int> ports)
    {
        _ports = [.. ports];
        _lines = new long[_ports.Length];
        _sockets = [.. _ports.Select(Tcp.OpenDatagramSink)];
        foreach (var socket in _sockets) { _poller.WatchListener(socket, socket); }
        _thread = new Thread(Drain) { Name = "log sink", IsBackground = true };
        _thread.Start();
    }

    internal long LinesAt(int port) => Volatile.Read(ref _lines[Array.IndexOf(_ports, port)]);

    /// <summary>Waits until that many lines have come in all, at most <paramref name="limit"/>; the lines that have.</summary>
    internal long WaitFor(int port, long lines, TimeSpan limit)
    {
        var started = Stopwatch.GetTimestamp();
        while (LinesAt(port) < lines && Stopwatch.GetElapsedTime(started) < limit) { Thread.Sleep(Batch); }
        return LinesAt(port);
    }

    public void Dispose()
    {
        _stops = true;
        _thread.Join();
        Array.ForEach(_sockets, socket => Libc.Close(socket));
        _poller.Dispose();
    }

    private void Drain()
    {
        while (!_stops)
        {
            if (_poller.Wait(TimeSpan.FromMilliseconds(200)).IsEmpty) { continue; }
            Thread.Sleep(Batch);   // one wake-up for many lines: the receiver must not take the CPU of client and backend
            for (var i = 0; i < _sockets.Length; i++)
            {
                while (Libc.Receive(_sockets[i], null, 0, MessageFlags.DontWait | MessageFlags.Truncate) >= 0) { _lines[i]++; }
            }
        }
    }
}
