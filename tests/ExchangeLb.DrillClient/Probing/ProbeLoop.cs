using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Threading;
using System.Threading.Tasks;
using ExchangeLb.DrillClient.Figures;

namespace ExchangeLb.DrillClient.Probing;

/// <summary>
/// Starts a connection every interval, whatever became of the earlier ones; at most (timeout + stay) / interval of them are open. A thread of its own keeps
/// the pace, the pool's threads do the rest.
/// </summary>
internal sealed class ProbeLoop : IDisposable
{
    /// <summary>So many connections in a row must have been served before anything may be broken.</summary>
    private const int HealthyInARow = 100;

    private readonly Options _options;
    private readonly Timeline _time;
    private readonly ConcurrentQueue<Probe> _done = new();
    private readonly Thread _pace;
    private readonly ManualResetEventSlim _healthy = new();
    private readonly ManualResetEventSlim _stop = new();
    private readonly CountdownEvent _open = new(1);
    private int _inARow;

    internal ProbeLoop(Options options, Timeline time)
    {
        _options = options;
        _time = time;
        _pace = new Thread(Pace) { Name = "pace", Priority = ThreadPriority.Highest, IsBackground = true };
        _pace.Start();
    }

    /// <summary>What went wrong last, in words.</summary>
    internal string LastError { get; private set; } = "no answer yet";

    internal bool WaitUntilHealthy(TimeSpan limit) => _healthy.Wait(limit);

    /// <summary>Starts no more, waits for those that are open, and gives back all since the service was first healthy.</summary>
    internal IReadOnlyList<Probe> Finish()
    {
        _stop.Set();
        _pace.Join();
        _open.Signal();
        _open.Wait(_options.Timeout + TimeSpan.FromSeconds(1));
        List<Probe> all = [.. _done.OrderBy(probe => probe.StartUs)];
        int firstServed = all.FindIndex(probe => probe.Served);
        return firstServed < 0 ? all : [.. all.Skip(firstServed + HealthyInARow / 2)];   // the first half paid for compiling
    }

    public void Dispose()
    {
        _stop.Set();
        _pace.Join();
    }

    private void Pace()
    {
        long intervalUs = (long)_options.Interval.TotalMicroseconds;
        long next = _time.NowUs;
        for (int number = 0; !_stop.IsSet; number++)
        {
            _open.AddCount();
            _ = Visit(_options.Sources[number % _options.Sources.Count]);
            next = Math.Max(next + intervalUs, _time.NowUs - intervalUs);   // after a pause of this machine: no burst to catch up
            long wait = next - _time.NowUs;
            if (wait > 0) { _stop.Wait(TimeSpan.FromMicroseconds(wait)); }
        }
    }

    private async Task Visit(IPAddress source)
    {
        long start = _time.NowUs, connected = 0, handshaken = 0;
        string? server = null;
        ProbeResult result = ProbeResult.Served;
        long served = 0;
        using CancellationTokenSource limit = new(_options.Timeout + _options.Stay);
        try
        {
            using TlsVisit visit = new(_options, source, keepAlive: _options.Stay > TimeSpan.Zero);
            await visit.Connect(limit.Token).ConfigureAwait(false);
            connected = _time.NowUs;
            await visit.Handshake(limit.Token).ConfigureAwait(false);
            handshaken = _time.NowUs;
            server = await visit.Ask(limit.Token).ConfigureAwait(false);
            served = _time.NowUs;
            if (_options.Stay > TimeSpan.Zero) { await Task.Delay(_options.Stay, limit.Token).ConfigureAwait(false); }
        }
        catch (Exception exception) when (exception is SocketException or IOException or OperationCanceledException or AuthenticationException)
        {
            result = ResultOf(exception, connected > 0);
            LastError = exception.Message;
        }
        _done.Enqueue(new Probe(start, connected, handshaken, served > 0 ? served : _time.NowUs, result, source.GetAddressBytes()[^1], server));
        if (result != ProbeResult.Served) { _inARow = 0; }
        else if (Interlocked.Increment(ref _inARow) == HealthyInARow) { _healthy.Set(); }
        _open.Signal();
    }

    private static ProbeResult ResultOf(Exception exception, bool connected) => exception switch
    {
        OperationCanceledException => ProbeResult.TimedOut,
        SocketException { SocketErrorCode: SocketError.TimedOut } => ProbeResult.TimedOut,
        SocketException { SocketErrorCode: SocketError.HostUnreachable or SocketError.NetworkUnreachable } => ProbeResult.Unreachable,
        SocketException when !connected => ProbeResult.Refused,
        _ => ProbeResult.Broken,
    };
}
