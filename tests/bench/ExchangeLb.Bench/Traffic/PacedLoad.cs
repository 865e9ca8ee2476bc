using System;
using System.Diagnostics;
using ExchangeLb.Bench.Kernel;

namespace ExchangeLb.Bench.Traffic;

/// <summary>
/// Requests at a fixed rate whatever the answers do (open loop), one after the other over all connections. An answer time runs from the
/// moment when the request was due, so that waiting behind a late answer, or behind our own lateness, counts.
/// </summary>
internal static class PacedLoad
{
    private static readonly TimeSpan StallLimit = TimeSpan.FromSeconds(10);

    internal static LoadResult Run(int port, int requests, int connections, int perSecond)
    {
        using var clients = new SmallClients(port, connections);
        OpenAll(clients, connections);
        Cpu.MakeTimersExact();

        // 1. Request i is due at started + i * gap, on connection i % connections; there it is number i / connections.
        var gap = Stopwatch.Frequency / perSecond;
        var asked = new int[connections];
        var due = new int[connections];          // requests of a connection whose time has come; asked <= due, at most one is under way
        var answered = new int[connections];
        var times = new long[requests];
        var done = 0;
        var started = Stopwatch.GetTimestamp();
        var lastAnswer = started;
        long TimeOf(int connection, int number) => started + ((long)number * connections + connection) * gap;

        for (var next = 0; done < requests;)
        {
            // 2. Ask what is due, unless the connection still waits for an answer.
            var now = Stopwatch.GetTimestamp();
            for (; next < requests && started + next * gap <= now; next++)
            {
                var connection = next % connections;
                if (due[connection]++ == answered[connection]) { Ask(connection); }
            }
            if (Stopwatch.GetElapsedTime(lastAnswer, now) > StallLimit) { throw new BrokenRunException("stalled: 10 s without any answer"); }

            // 3. Answers: take the time, ask what fell due meanwhile.
            var wait = next < requests ? Stopwatch.GetElapsedTime(now, started + next * gap) : StallLimit;
            foreach (ref readonly var happened in clients.Wait(wait))
            {
                var connection = (int)happened.Data;
                var progress = clients.Read(connection);
                if (progress == Progress.Closed) { throw new BrokenRunException("a kept-alive connection was closed"); }
                if (progress == Progress.Waiting) { continue; }
                lastAnswer = Stopwatch.GetTimestamp();
                times[done++] = lastAnswer - TimeOf(connection, answered[connection]++);
                if (asked[connection] < due[connection]) { Ask(connection); }
            }
        }
        var elapsed = Stopwatch.GetElapsedTime(started);
        Array.Sort(times);
        return new LoadResult(requests, elapsed, connections)
        {
            MedianTime = Stopwatch.GetElapsedTime(0, times[requests / 2]),
            NinetyNinthTime = Stopwatch.GetElapsedTime(0, times[requests * 99 / 100]),
        };

        void Ask(int connection)
        {
            asked[connection]++;
            clients.Ask(connection);
        }
    }

    private static void OpenAll(SmallClients clients, int connections)
    {
        for (var slot = 0; slot < connections; slot++) { clients.Open(slot, AskFor.Answer); }
        for (var open = 0; open < connections;)
        {
            foreach (ref readonly var happened in clients.Wait())
            {
                if (clients.Read((int)happened.Data) == Progress.Answered) { open++; }
            }
        }
    }
}
