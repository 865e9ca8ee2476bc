using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using ExchangeLb.Bench.Kernel;
using ExchangeLb.Bench.Traffic;

namespace ExchangeLb.Bench.Proxies;

/// <summary>A running proxy. It is started from the thread that measures, whose affinity it inherits for the moment of the start.</summary>
internal sealed class ProxyProcess : IDisposable
{
    private const int LinesKept = 8, SignalTerminate = 15;
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(10), StopLimit = TimeSpan.FromSeconds(5);

    private readonly Queue<string> _lastWords = new();
    private readonly int? _cpu;
    private readonly Action _restoreAffinity;
    private Process? _process;

    /// <summary>Writes the configuration, starts the program and waits until it has served one request.</summary>
    /// <param name="cpu">The only CPU of the proxy, or null for all.</param>
    /// <param name="restoreAffinity">Puts the calling thread back to where it belongs.</param>
    internal ProxyProcess(ProxyPlan plan, int? cpu, Action restoreAffinity)
    {
        Plan = plan;
        _cpu = cpu;
        _restoreAffinity = restoreAffinity;
        File.WriteAllText(plan.ConfigurationFile, plan.Configuration);
        Start();
    }

    internal ProxyPlan Plan { get; }

    internal int Id => _process?.Id ?? throw new BrokenRunException($"{Plan.Label} does not run");

    internal bool HasEnded => _process is null or { HasExited: true };

    /// <summary>From just before fork and exec to the first answered connection, at the last start.</summary>
    internal TimeSpan StartTime { get; private set; }

    internal TimeSpan CpuTime => HasEnded ? throw new BrokenRunException($"{Plan.Label} has ended: {LastWords}") : Cpu.OfProcess(Id);

    internal string LastWords
    {
        get
        {
            lock (_lastWords) { return string.Join(" | ", _lastWords.DefaultIfEmpty("without a word")); }
        }
    }

    internal void Restart()
    {
        Stop();
        Start();
    }

    public void Dispose() => Stop();

    private void Start()
    {
        lock (_lastWords) { _lastWords.Clear(); }
        var command = new ProcessStartInfo(Plan.Program, ["-db", "-f", Plan.ConfigurationFile])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
        };
        if (_cpu is { } cpu) { Cpu.PinThread(cpu); }
        var started = Stopwatch.GetTimestamp();
        Process process;
        try
        {
            _process = process = Process.Start(command)!;
        }
        finally
        {
            _restoreAffinity();
        }
        try
        {
            while (!FirstExchange.Succeeds(Plan.Port))
            {
                if (HasEnded || Stopwatch.GetElapsedTime(started) > StartLimit) { throw new BrokenRunException("no connection was served"); }
            }
            StartTime = Stopwatch.GetElapsedTime(started);
            Listeners.AssertOwnedBy(this);
        }
        catch (BrokenRunException e)
        {
            process.Kill(entireProcessTree: true);   // a wrapper's child would keep the port, and its end of the pipe
            var reading = process.StandardError.ReadToEndAsync();
            var said = reading.Wait(StopLimit) ? reading.Result.ReplaceLineEndings(" | ") : "";
            Stop();
            throw new BrokenRunException($"{Plan.Label} did not start, {e.Message}: {said}");
        }

        // Its words are read only now: the readers are threads of ours, and would disturb the start.
        process.ErrorDataReceived += (_, line) => Remember(line.Data);
        process.OutputDataReceived += (_, line) => Remember(line.Data);
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
    }

    private void Stop()
    {
        if (_process is not { } process) { return; }
        if (!process.HasExited)
        {
            Libc.Kill(process.Id, SignalTerminate);
            if (!process.WaitForExit(StopLimit)) { process.Kill(); }
        }
        process.WaitForExit();
        process.Dispose();
        _process = null;
    }

    private void Remember(string? line)
    {
        if (string.IsNullOrEmpty(line)) { return; }
        lock (_lastWords)
        {
            _lastWords.Enqueue(line);
            while (_lastWords.Count > LinesKept) { _lastWords.Dequeue(); }
        }
    }
}
