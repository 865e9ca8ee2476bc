using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using ExchangeLb.Bench.Kernel;
using ExchangeLb.Bench.Traffic;

namespace ExchangeLb.Bench.Soak;

/// <summary>Client threads that live through a given number of connections of mixed kinds. The order of kinds in each thread follows from the seed.</summary>
internal sealed class SoakCrowd(int port, int seed)
{
    private const int ThreadCount = 16, MostFailuresKept = 10;
    private readonly Lock _lock = new();
    private readonly List<string> _failures = [];
    private readonly long[] _livedByKind = new long[SoakKind.All.Length];
    private int _round;
    private long _lived, _failed;

    internal long Lived => Interlocked.Read(ref _lived);

    internal long Failed => Interlocked.Read(ref _failed);

    /// <summary>The first failures, each with its kind.</summary>
    internal IReadOnlyList<string> Failures
    {
        get
        {
            lock (_lock) { return [.. _failures]; }
        }
    }

    internal IEnumerable<string> Kinds => SoakKind.All.Select((kind, i) => $"{_livedByKind[i]} {kind.Name}");

    /// <summary>Lives through that many more, and tells between whiles.</summary>
    internal void Run(int connections, TimeSpan every, Action tell)
    {
        _round++;
        var threads = Enumerable.Range(0, ThreadCount).Select(i => new Thread(() => Work(i, connections / ThreadCount))).ToArray();
        Array.ForEach(threads, thread => thread.Start());
        foreach (var thread in threads)
        {
            while (!thread.Join(every)) { tell(); }
        }
    }

    private void Work(int worker, int connections)
    {
        var random = new Random(HashCode(worker));
        var weights = SoakKind.All.Sum(kind => kind.Weight);
        for (var i = 0; i < connections && Failed < MostFailuresKept * 10; i++)
        {
            var which = Choose(random.Next(weights));
            try
            {
                using var client = BlockingClient.Open(port, random.Next(Tcp.SourceCount));
                SoakKind.All[which].Live(client, random);
            }
            catch (BrokenRunException e)
            {
                Interlocked.Increment(ref _failed);
                lock (_lock)
                {
                    if (_failures.Count < MostFailuresKept) { _failures.Add($"{SoakKind.All[which].Name}: {e.Message}"); }
                }
            }
            Interlocked.Increment(ref _lived);
            Interlocked.Increment(ref _livedByKind[which]);
        }
    }

    private int HashCode(int worker) => unchecked((seed * 31 + _round) * 31 + worker);

    private static int Choose(int ticket)
    {
        var which = 0;
        for (; ticket >= SoakKind.All[which].Weight; which++) { ticket -= SoakKind.All[which].Weight; }
        return which;
    }
}
