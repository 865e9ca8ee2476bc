using System;
using System.Diagnostics;
using System.Threading;

namespace ExchangeLb.Lab.Tests.World;

/// <summary>
/// How much of a time span the machine took away: a thread that wants to run every few milliseconds adds up by how much it came too late. For limits of real
/// time, which a machine whose processors do other things cannot be held to.
/// </summary>
internal sealed class StolenTime : IDisposable
{
    private static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(5);

    private readonly ManualResetEventSlim _stop = new();
    private readonly Stopwatch _since = Stopwatch.StartNew();
    private readonly Thread _watching;
    private long _stolenTicks;

    internal StolenTime()
    {
        _watching = new Thread(Watch) { IsBackground = true, Name = "stolen time" };
        _watching.Start();
    }

    internal TimeSpan Stolen => TimeSpan.FromTicks(Interlocked.Read(ref _stolenTicks));

    /// <summary>Since the beginning, without what was stolen.</summary>
    internal TimeSpan Left => _since.Elapsed - Stolen;

    public void Dispose()
    {
        _stop.Set();
        _watching.Join();
        _stop.Dispose();
    }

    private void Watch()
    {
        TimeSpan before = _since.Elapsed;
        while (!_stop.Wait(Turn))
        {
            TimeSpan now = _since.Elapsed;
            TimeSpan late = now - before - (2 * Turn);
            if (late > TimeSpan.Zero) { Interlocked.Add(ref _stolenTicks, late.Ticks); }
            before = now;
        }
    }
}
