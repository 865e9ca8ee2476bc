using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using ExchangeLb.Linux.Process;

namespace ExchangeLb.Cluster.Engine.Corosync;

/// <summary>
/// Runs and watches this node's own Corosync where no unit of systemd does: with a configuration of ours, under a folder of ours, started
/// again when it dies, gone when we are gone. Whoever hosts it may be killed, and Corosync ends with it; so that it outlives a crash of
/// the balancer, the guard hosts it.
/// </summary>
/// <remarks>
/// The watching thread starts Corosync, reads its standard error to the end, and so on. It lives as long as Corosync: the kernel
/// takes the end of the thread that started a child for the death of the parent (PR_SET_PDEATHSIG(2const)).
/// </remarks>
public sealed class CorosyncProcess : IDisposable
{
    private const long LogBytesMax = 1 << 20;
    private static readonly TimeSpan RetryFirst = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan RetryMax = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan StableAfter = TimeSpan.FromSeconds(1);

    // The others learn of it within 70 ms; then it waits for its links for up to 0.8 s, which serves nobody (both measured).
    private static readonly TimeSpan StopMax = TimeSpan.FromMilliseconds(600);

    private readonly CorosyncProcessOptions _options;
    private readonly CorosyncFolder _folder;
    private readonly Thread _thread;
    private readonly ManualResetEventSlim _stop = new();
    private readonly Lock _lock = new();
    private Process? _process;
    private readonly HashSet<string> _strangers = [];
    private string? _reported;
    private long _startsTotal;

    public CorosyncProcess(CorosyncProcessOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _folder = new CorosyncFolder(options.Folder);
        _thread = new Thread(Watch) { Name = "corosync-watch", IsBackground = true };
    }

    /// <summary>Of the Corosync that runs; null: none does.</summary>
    public int? Pid
    {
        get { lock (_lock) { return _process?.Id; } }
    }

    /// <summary>Times that it was started.</summary>
    public long StartsTotal => Interlocked.Read(ref _startsTotal);

    /// <summary>Why it does not run, for people; null: it does, or has not been tried.</summary>
    public string? Problem { get; private set; }

    /// <summary>Goes on in the background; what stands in the way is told to `Note` once, and tried again.</summary>
    /// <exception cref="ThreadStateException">Started before.</exception>
    public void Start() => _thread.Start();

    /// <summary>Corosync has ended when this returns, within a second.</summary>
    public void Dispose()
    {
        if (_stop.IsSet) { return; }
        lock (_lock)
        {
            _stop.Set();
            if (_process is { HasExited: false }) { Signals.Send(_process.Id, Signal.SIGTERM); }
        }
        if ((_thread.ThreadState & System.Threading.ThreadState.Unstarted) != 0 || _thread.Join(StopMax)) { return; }
        lock (_lock) { _process?.Kill(); }
        _thread.Join(StopMax);
    }

    private void Watch()
    {
        if (_options.NetworkNamespace is { } path && NetworkNamespace.Enter(path) is { Failed: true } failed)
        {
            Report($"cannot enter the network namespace {path}: {failed.Describe()}");
            return;
        }
        TimeSpan retry = RetryFirst;
        while (!_stop.IsSet)
        {
            long started = _options.Clock.GetTimestamp();
            Report(Prepare() ?? Run());
            if (_options.Clock.GetElapsedTime(started) >= StableAfter) { retry = RetryFirst; }
            _stop.Wait(retry);
            retry = TimeSpan.FromTicks(Math.Min(retry.Ticks * 2, RetryMax.Ticks));
        }
    }

    /// <summary>What stands in the way; null: nothing.</summary>
    private string? Prepare()
    {
        try
        {
            // 1. What an earlier life left, which ended without us: the process itself first.
            if (RunningCorosync.Find() is { } running)
            {
                if (running.ConfigurationFile != _folder.ConfigurationFile) { return running.Foreign; }
                End(running);
            }
            if (_folder.FormerPid() is { } former && !RunningCorosync.IsCorosync(former)) { CorosyncSharedMemory.Remove(former); }
            // 2. What Corosync would stumble over.
            if (CorosyncObstacle.Find(_options.Model, _options.Self) is { } obstacle) { return obstacle; }
            // 3. What it reads.
            CorosyncPlace place = new(_folder.StateFolder) { RealTime = _options.RealTime };
            _folder.Write(CorosyncConfiguration.Write(_options.Model, place));
            return null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return $"its folder {_options.Folder} cannot be used: {failure.Message}";
        }
    }

    private void End(RunningCorosync orphan)
    {
        orphan.Terminate();
        _stop.Wait(StopMax);
        if (RunningCorosync.IsCorosync(orphan.Pid)) { orphan.Kill(); }
    }

    /// <summary>From start to end; why it ended.</summary>
    private string? Run()
    {
        using BoundedLog log = new(_folder.LogFile, LogBytesMax);
        string? last = null;
        bool ready = false;
        Process process;
        lock (_lock)
        {
            if (_stop.IsSet) { return null; }
            try
            {
                process = Process.Start(CorosyncCommand.For(_folder))!;
            }
            catch (System.ComponentModel.Win32Exception failure)
            {
                return $"it cannot be started: {failure.Message}";
            }
            _process = process;
        }
        using Process ended = process;
        int pid = process.Id;
        _folder.RememberPid(pid);
        Interlocked.Increment(ref _startsTotal);
        while (process.StandardError.ReadLine() is { } line)
        {
            log.Write(line);
            NoteAnotherKey(line);
            if (CorosyncLogLine.IsGrave(line)) { last = CorosyncLogLine.Text(line); }
            else if (!ready && CorosyncLogLine.SaysReady(line))
            {
                ready = true;
                Ready(pid);
            }
        }
        process.WaitForExit();
        lock (_lock) { _process = null; }
        CorosyncSharedMemory.Remove(pid);
        string how = process.ExitCode > 128
            ? $"it was killed by signal {(process.ExitCode - 128).ToString(CultureInfo.InvariantCulture)}"
            : $"it ended with status {process.ExitCode.ToString(CultureInfo.InvariantCulture)}";
        return _stop.IsSet ? null : last is null ? how : $"{how}: {last}";
    }

    /// <summary>Once for each node: else the two look as if a firewall were between them. Anybody can send what can't be read; nodes are known by their address.</summary>
    private void NoteAnotherKey(string line)
    {
        if (CorosyncLogLine.Undeciphered(line) is not { } from
            || _options.Model.Nodes.FirstOrDefault(node => node.Id != _options.Self.Id && node.Addresses.Any(address => from.StartsWith($"{address}:", StringComparison.Ordinal))) is not { } node
            || !_strangers.Add(node.Name))
        {
            return;
        }
        _options.Note("corosync", $"{node.Name} has another key than this node: copy {_options.Model.KeyFile} from one to the other (chmod 600), and restart that one");
    }

    private void Ready(int pid)
    {
        (_reported, Problem) = (null, null);
        _options.Note("corosync", $"runs as process {pid.ToString(CultureInfo.InvariantCulture)}");
    }

    /// <summary>Once for each reason, since trying goes on.</summary>
    private void Report(string? problem)
    {
        Problem = problem;
        if (problem is null || problem == _reported) { return; }
        _reported = problem;
        _options.Note("corosync", $"Corosync does not run: {problem}");
    }
}
