using System;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using System.Threading;
using ExchangeLb.ReplicationBench;

// Called by replication.sh. Figures are of one thread that does the work of both nodes: a node alone has about half of it.
const int Warm = 20_000;
bool quick = args.Contains("--quick");
Console.WriteLine("what                                            figure");
Publish(Warm, silent: true);
Updates(Warm, silent: true);
Teach(Warm, silent: true);

Publish(quick ? 200_000 : 2_000_000, silent: false);
Updates(quick ? 200_000 : 3_000_000, silent: false);
Paced(100_000, seconds: quick ? 1 : 5);
Teach(100_000, silent: false);
Teach(1_000_000, silent: false);

// What a loop pays for an entry that is used: with and without a cluster, in the table's own order of use.
static void Publish(int rounds, bool silent)
{
    const int Keys = 10_000;
    double[] ns = new double[2];
    for (int shared = 0; shared < 2; shared++)
    {
        Pair pair = new(Keys);
        if (shared == 1)
        {
            pair.Join();
        }
        else
        {
            pair.First.Table.Sink = null;
        }
        TimeSpan spent = TimeSpan.Zero;
        for (int done = 0; done < rounds; done += Keys)
        {
            long from = Stopwatch.GetTimestamp();
            long now = pair.NowMs;
            for (int i = 0; i < Keys; i++)
            {
                pair.First.Table.Store((UInt128)i, 1 + ((done / Keys) & 1), now);       // another server each time: a write that must be told
            }
            spent += Stopwatch.GetElapsedTime(from);
            pair.Turn();
        }
        ns[shared] = spent.TotalNanoseconds / rounds;
    }
    Say(silent, "a write at the publisher, alone", $"{ns[0]:F0} ns");
    Say(silent, "a write at the publisher, replicated", $"{ns[1]:F0} ns");
}

// As fast as one thread can: publish, batch, encode, decode, merge, acknowledge.
static void Updates(int updates, bool silent)
{
    const int Keys = 100_000;
    Pair pair = new(Keys);
    pair.Join();
    pair.Turn();
    long from = Stopwatch.GetTimestamp();
    for (int done = 0; done < updates;)
    {
        long now = pair.NowMs;
        for (int i = 0; i < 4000; i++, done++)
        {
            pair.First.Table.Store((UInt128)(done % Keys), 1 + ((done / Keys) & 1), now);
        }
        pair.Turn();
    }
    TimeSpan spent = Stopwatch.GetElapsedTime(from);
    var snapshot = pair.First.Replicator.Snapshot();
    Say(silent, "updates from publish to merge, one thread", $"{updates / spent.TotalSeconds / 1000:F0} k/s, {spent.TotalNanoseconds / updates:F0} ns each");
    Say(silent, "bytes on the wire an update", $"{(double)pair.First.BytesTotal / snapshot.SentTotal:F1}");
    Say(silent, "dropped", $"{snapshot.DroppedTotal}");
}

// The target: 100,000 a second; what it costs, and how long an update is on its way.
static void Paced(int perSecond, int seconds)
{
    const int Keys = 500_000;
    Pair pair = new(1_000_000);
    for (int i = 0; i < Keys; i++)
    {
        pair.First.Table.Store((UInt128)i, 2, pair.NowMs);
        pair.Second.Table.Store((UInt128)i, 2, pair.NowMs);     // memory of both tables is there before the measurement
    }
    pair.Join();
    for (int i = 0; i < 5; i++)
    {
        pair.Turn();
        Thread.Sleep(200);
    }
    TimeSpan cpu = Process.GetCurrentProcess().TotalProcessorTime;
    long allocated = GC.GetAllocatedBytesForCurrentThread();
    TimeSpan worst = TimeSpan.Zero;
    long from = Stopwatch.GetTimestamp();
    int done = 0;
    while (done < perSecond * seconds)
    {
        int due = (int)Math.Min(Stopwatch.GetElapsedTime(from).TotalSeconds * perSecond, perSecond * (double)seconds);
        for (long now = pair.NowMs; done < due; done++)
        {
            pair.First.Table.Store((UInt128)(done % Keys), 1 + ((done / Keys) & 1), now);
        }
        pair.Turn();
        TimeSpan? lag = pair.First.Replicator.Snapshot().Lag;
        worst = lag > worst ? lag.Value : worst;
        Thread.Sleep(1);
    }
    TimeSpan spent = Process.GetCurrentProcess().TotalProcessorTime - cpu;
    allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
    string what = string.Create(CultureInfo.InvariantCulture, $"{perSecond:N0} updates/s: CPU of both nodes, writes included");
    Say(false, what, $"{spent.TotalSeconds / seconds * 100:F1} % of a core");
    Say(false, "  worst lag but for the engine's; allocated", $"{worst.TotalMilliseconds:F2} ms; {allocated / seconds / 1024} KiB/s");
    Say(false, "  dropped", $"{pair.First.Replicator.Snapshot().DroppedTotal}");
}

static void Teach(int entries, bool silent)
{
    Pair pair = new(entries);
    for (int i = 0; i < entries; i++)
    {
        pair.First.Table.Store((UInt128)i, 1 + (i & 1), pair.NowMs);
    }
    GC.Collect();
    long memory = GC.GetTotalMemory(forceFullCollection: true);
    long from = Stopwatch.GetTimestamp();
    pair.Join();
    long longest = 0;
    while (pair.Second.Table.Used < entries)
    {
        long begun = Stopwatch.GetTimestamp();
        pair.Turn();
        longest = Math.Max(longest, Stopwatch.GetTimestamp() - begun);
    }
    TimeSpan spent = Stopwatch.GetElapsedTime(from);
    GC.Collect();
    memory = GC.GetTotalMemory(forceFullCollection: true) - memory;
    string what = string.Create(CultureInfo.InvariantCulture, $"teaching {entries:N0} entries");
    Say(silent, what, $"{spent.TotalMilliseconds:F0} ms, {pair.First.BytesTotal / 1_000_000.0:F1} MB, {pair.First.MessagesTotal} messages, {pair.Second.LongestInbox} at a time");
    Say(silent, "  memory of the newcomer's copy", $"{memory / 1024.0 / 1024:F1} MiB, {(double)memory / entries:F0} bytes an entry");
}

static void Say(bool silent, string what, FormattableString figure)
{
    if (!silent)
    {
        Console.WriteLine($"{what,-58}{FormattableString.Invariant(figure)}");
    }
}
