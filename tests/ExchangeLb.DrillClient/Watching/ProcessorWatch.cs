using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using ExchangeLb.DrillClient.Figures;

namespace ExchangeLb.DrillClient.Watching;

/// <summary>
/// Writes down how long those who take part in a drill waited for a processor: the kernel adds it up for each thread (/proc/PID/task/TID/schedstat, second
/// number, ns; Documentation/scheduler/sched-stats.rst). So what a busy machine adds to an outage can be told from what the balancer does. Owner: its thread.
/// </summary>
internal sealed class ProcessorWatch : IDisposable
{
    private const long LookEveryUs = 100_000;

    /// <summary>Processes come and go in a drill.</summary>
    private const int LooksBetweenSearches = 10;

    private static readonly string[] Own = ["pace", ".NET TP Worker"];
    private static readonly string[] Others = ["loop-", "control", "lease", "moving", "corosync", "nginx", "haproxy", "keepalived"];

    /// <summary>Less is how any machine works.</summary>
    private const long WorthTellingUs = 1_000;

    private readonly Timeline _time;
    private readonly string _path;
    private readonly Dictionary<string, long> _waitedNs = new(StringComparer.Ordinal);
    private readonly List<ProcessorWait> _waits = [];
    private readonly ManualResetEventSlim _stop = new();
    private readonly Thread _thread;

    /// <param name="path">Stands in the command line of each process that takes part; this one does, too.</param>
    internal ProcessorWatch(string path, Timeline time)
    {
        (_path, _time) = (path, time);
        _thread = new Thread(Watch) { Name = "waits", Priority = ThreadPriority.Highest, IsBackground = true };
        _thread.Start();
    }

    internal IReadOnlyList<ProcessorWait> Finish()
    {
        Dispose();
        return _waits;
    }

    public void Dispose()
    {
        _stop.Set();
        _thread.Join();
    }

    private void Watch()
    {
        List<string> threads = [];
        long before = _time.NowUs;
        for (int look = 0; !_stop.Wait(TimeSpan.FromMicroseconds(LookEveryUs)); look++)
        {
            if (look % LooksBetweenSearches == 0) { threads = Threads(); }
            long worst = threads.Select(Waited).DefaultIfEmpty(0).Max();
            long now = _time.NowUs;
            long waited = Math.Max(worst, now - before - (2 * LookEveryUs));     // or this thread itself
            // The kernel counts a wait when it ends: it may have begun before the last look.
            if (waited > WorthTellingUs) { _waits.Add(new ProcessorWait(Math.Min(before, now - waited), now, waited)); }
            before = now;
        }
    }

    /// <summary>Since the last look; 0 at the first one, and when the thread is gone. Microseconds.</summary>
    private long Waited(string thread)
    {
        try
        {
            if (File.ReadAllText(thread + "/schedstat").Split(' ') is not [_, var waitedNs, ..]) { return 0; }
            long total = long.Parse(waitedNs, CultureInfo.InvariantCulture);
            long waited = _waitedNs.TryGetValue(thread, out long last) ? (total - last) / 1000 : 0;
            _waitedNs[thread] = total;
            return waited;
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            _waitedNs.Remove(thread);
            return 0;
        }
    }

    /// <summary>Those that a connection, or the lease, has to wait for; not what logs, or what the runtime does at the side.</summary>
    private List<string> Threads()
    {
        List<string> found = [];
        foreach (string process in Directory.EnumerateDirectories("/proc").Where(folder => char.IsAsciiDigit(folder["/proc/".Length])))
        {
            try
            {
                bool own = process == $"/proc/{Environment.ProcessId}";
                if (!own && !File.ReadAllText(process + "/cmdline").Contains(_path, StringComparison.Ordinal)) { continue; }
                found.AddRange(Directory.EnumerateDirectories(process + "/task").Where(thread => TakesPart(File.ReadAllText(thread + "/comm"), own)));
            }
            catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
            {
                // it has ended meanwhile
            }
        }
        return found;
    }

    private static bool TakesPart(string name, bool own) =>
        (own ? Own : Others).Any(start => name.StartsWith(start, StringComparison.Ordinal));
}
