using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Threading;
using ExchangeLb.Fuzz.Targets;

namespace ExchangeLb.Fuzz;

/// <summary>
/// Gives targets one case after the other, each made from the seed and its number alone, and looks for three things: an exception,
/// a case that takes too long, and memory that grows, within a case or over all of them.
/// </summary>
internal sealed class Fuzzer : IDisposable
{
    /// <summary>A case of some kilobytes takes microseconds; on a busy machine with a collection in it, a few milliseconds.</summary>
    private static readonly TimeSpan CaseLimit = TimeSpan.FromSeconds(10);

    /// <summary>What may stay allocated beyond the first look, after a full collection.</summary>
    private const long RetainedLimit = 64L << 20;
    private const long CasesBeforeFirstLook = 20_000;
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(10);
    private readonly int _seed;
    private readonly FuzzTarget[] _targets;
    private readonly Timer _watch;
    private long _caseStarted;
    private string _case = "";

    public Fuzzer(int seed, FuzzTarget[] targets)
    {
        _seed = seed;
        _targets = targets;
        _watch = new Timer(_ => LookForHang(), null, 1000, 1000);
    }

    public int Run(TimeSpan time)
    {
        Console.WriteLine($"seed {_seed}, {time.TotalSeconds} s");
        long started = Stopwatch.GetTimestamp();
        long lastLook = started;
        long retained = 0;
        var counts = new Dictionary<FuzzTarget, long>();
        for (long number = 0; Stopwatch.GetElapsedTime(started) < time; number++)
        {
            foreach (FuzzTarget target in _targets)
            {
                if (!TryCase(target, number))
                {
                    return 1;
                }
                counts[target] = number + 1;
            }
            if (number < CasesBeforeFirstLook || (retained != 0 && Stopwatch.GetElapsedTime(lastLook) < LookEvery))
            {
                continue;
            }
            lastLook = Stopwatch.GetTimestamp();
            long now = GC.GetTotalMemory(forceFullCollection: true);
            retained = retained == 0 ? now : retained;
            if (now > retained + RetainedLimit)
            {
                Console.WriteLine($"GROWTH: {retained >> 20} MiB at first, {now >> 20} MiB after {number} cases of each target");
                return 1;
            }
        }
        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        foreach ((FuzzTarget target, long count) in counts)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{target.Name,-14} {count,9} cases"));
        }
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"seed {_seed}: {_targets.Length * (counts.Count > 0 ? counts[_targets[0]] : 0) / seconds:0} cases/s, {GC.GetTotalMemory(true) >> 10} KiB retained, nothing found"));
        return 0;
    }

    /// <summary>One case again, with its input left in a file.</summary>
    public int Repeat(long number)
    {
        foreach (FuzzTarget target in _targets)
        {
            string file = Path.Combine(Path.GetTempPath(), $"fuzz-{target.Name}-{_seed}-{number}");
            File.WriteAllBytes(file, Input(target, number, out _));
            Console.WriteLine($"{target.Name}: {file}");
            if (!TryCase(target, number))
            {
                return 1;
            }
        }
        return 0;
    }

    public void Dispose() => _watch.Dispose();

    private byte[] Input(FuzzTarget target, long number, out Random random)
    {
        random = new Random(HashCode(target.Name, number));
        return new Mutator(random, target.Seeds, target.Tokens).Next();
    }

    /// <summary>Stable from run to run, which System.HashCode is not.</summary>
    private int HashCode(string name, long number)
    {
        ulong hash = (ulong)_seed * 0x9E37_79B9_7F4A_7C15;
        foreach (char c in name)
        {
            hash = (hash ^ c) * 0x100_0000_01B3;
        }
        hash ^= (ulong)number * 0xC2B2_AE3D_27D4_EB4F;
        return (int)((hash ^ (hash >> 29)) & int.MaxValue);
    }

    private bool TryCase(FuzzTarget target, long number)
    {
        byte[] input = Input(target, number, out Random random);
        _case = $"{target.Name} case {number} of seed {_seed}";
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        Volatile.Write(ref _caseStarted, Stopwatch.GetTimestamp());
        try
        {
            target.Run(input, random);
        }
        catch (Exception crash)
        {
            Console.WriteLine($"CRASH in {_case}: {crash}");
            return false;
        }
        finally
        {
            Volatile.Write(ref _caseStarted, 0);
        }
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        if (allocated <= target.AllocationLimit(input.Length))
        {
            return true;
        }
        Console.WriteLine($"GROWTH in {_case}: {allocated >> 10} KiB allocated for an input of {input.Length} bytes");
        return false;
    }

    private void LookForHang()
    {
        long started = Volatile.Read(ref _caseStarted);
        if (started != 0 && Stopwatch.GetElapsedTime(started) > CaseLimit)
        {
            Console.WriteLine($"HANG in {_case}");
            Environment.Exit(1);
        }
    }
}
