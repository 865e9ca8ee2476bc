using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Cluster.Engine.Corosync;
using ExchangeLb.Cluster.Kernel;
using ExchangeLb.Cluster.Messages;
using ExchangeLb.Cluster.Ownership;
using ExchangeLb.Core.Model;
using ExchangeLb.Linux.Clocks;
using ExchangeLb.Linux.Process;
using ExchangeLb.Linux.Repair;

namespace ExchangeLb.Clustering.Guarding;

/// <summary>
/// `exchangelb guard`: the second, small process of a node. It hosts Corosync where no unit does, and watches the balancer (<see cref="Guard"/>).
/// </summary>
internal sealed class GuardProgram(ClusterSetup setup) : IDisposable
{
    private const int MessageBytes = 256;
    private const int LogBytesMax = 1 << 20;

    /// <summary>As the lease thread's.</summary>
    private const int RealTimePriority = 50;

    /// <summary>Turns of 100 ms in which what was released is said again: a Corosync that has only just started may have nobody in its ring yet.</summary>
    private const int Repetitions = 10;

    private readonly MonotonicClock _clock = new();
    private readonly Envelope _envelope = new(setup.Model.Name);
    private readonly byte[] _message = new byte[MessageBytes];
    private readonly StreamWriter _log = new(new FileStream(setup.Paths.GuardLog, FileMode.Create, FileAccess.Write, FileShare.Read)) { AutoFlush = true };
    private GuardKernel? _kernel;
    private CorosyncGuardSender? _sender;
    private CorosyncProcess? _corosync;
    private Guard? _guard;
    private readonly List<(VipModel Vip, ulong Incarnation)> _released = [];
    private ImmutableArray<VipModel> _vips = setup.Model.Vips;
    private int _repetitionsLeft;

    /// <returns>The exit code.</returns>
    public int Run()
    {
        if (!setup.Units)
        {
            StandardStreams.ToDevNull(); // the balancer's terminal and pipes are not ours to keep open
        }
        TimeSpan hangLimit = TimeSpan.FromSeconds(Math.Max(1, 2.5 * setup.Model.Timings.Lease.TotalSeconds));
        using HeldSockets held = new(HeldTalk.PathBeside(setup.Paths.GuardSocket), HeldSockets.SessionsMax, Log);
        using Guard guard = new(setup.Paths.GuardSocket, GuardTalk.Form(setup.Paths.ClusterFile), hangLimit, _clock, Release, Log, Tell, held, setup.Paths.LeftRecords, Follow);
        _guard = guard;
        using PosixSignalRegistration term = OnSignal(PosixSignal.SIGTERM, guard.Stop);
        using PosixSignalRegistration interrupt = OnSignal(PosixSignal.SIGINT, guard.Stop);
        using PosixSignalRegistration hangUp = OnSignal(PosixSignal.SIGHUP, static () => { });
        try
        {
            _kernel = GuardKernel.Open(setup.Model, Log);
            CorosyncOptions options = new(setup.Model, setup.SelfId, TimeProvider.System) { Note = Note };
            _sender = new CorosyncGuardSender(options);
            _sender.Start();
            if (!setup.Units && Privileges.IsRoot) // as another user Corosync can't be started: its unit, or root, does
            {
                HostCorosync();
            }
        }
        catch (InvalidOperationException failure)
        {
            Log(failure.Message);
            return ExitCode.Failure;
        }
        held.Open(RepairSupport.Probe());
        if (held.Lack is { } lack)
        {
            Log($"sessions end with the balancer's process: {lack}");
        }
        WarmUp();
        _ = RealTime.RequestRoundRobin(RealTimePriority);   // refused: the release waits its turn on a busy machine; the balancer says so at start
        string? problem = guard.Run();
        if (problem is not null)
        {
            Log(problem);
        }
        return problem is null ? ExitCode.Success : ExitCode.Failure;
    }

    public void Dispose()
    {
        _sender?.Dispose();
        _corosync?.Dispose();
        _kernel?.Dispose();
        _log.Dispose();
    }

    private void HostCorosync()
    {
        _corosync = new CorosyncProcess(new CorosyncProcessOptions(setup.Model, setup.Self, setup.Paths.Corosync, TimeProvider.System) { Note = Note });
        _corosync.Start();
    }

    private static PosixSignalRegistration OnSignal(PosixSignal signal, Action act) => PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = true;
        act();
    });

    /// <summary>The way of a release is walked once, for an incarnation that never was: in earnest it must not wait for the compiler.</summary>
    private void WarmUp()
    {
        _kernel!.Release(0, 0);
        SealReleased(_vips[0], 0);
    }

    private void Follow(ImmutableArray<VipModel> vips)
    {
        if (GuardTalk.VipsLine("", vips) == GuardTalk.VipsLine("", _vips)) { return; }
        Log($"VIPs now: {string.Join(", ", vips.Select(vip => vip.Address))}");
        _vips = vips;
        _kernel?.Use(vips);
    }

    private void Release(ulong incarnation, string why)
    {
        TimeSpan started = _clock.Now;
        _released.Clear();
        _repetitionsLeft = Repetitions + 1;
        for (int vip = 0; vip < _vips.Length; vip++)
        {
            string address = _vips[vip].Address.ToString();
            if (!_kernel!.Release(vip, incarnation))
            {
                Log($"{address}: not of incarnation {incarnation}, left alone ({why})");
                continue;
            }
            _released.Add((_vips[vip], incarnation));
            Log(FormattableString.Invariant($"{address}: given up for incarnation {incarnation}, since {why}; {(_clock.Now - started).TotalMilliseconds:0.0} ms"));
        }
    }

    /// <summary>At once after a release, and then a few times more.</summary>
    private void Tell()
    {
        if (_repetitionsLeft-- <= 0)
        {
            _repetitionsLeft = 0;
            return;
        }
        foreach ((VipModel vip, ulong incarnation) in _released)
        {
            SendResult sent = _sender!.Broadcast(_message.AsSpan(0, SealReleased(vip, incarnation)));
            if (_repetitionsLeft == Repetitions)
            {
                Log($"{vip.Address}: told; message {sent}");
            }
        }
    }

    private int SealReleased(VipModel vip, ulong incarnation)
    {
        int body = OwnershipMessages.WriteReleasedByGuard(_message.AsSpan(Envelope.HeaderBytes), vip, incarnation);
        return _envelope.Seal(MessageKind.Ownership, _message, body);
    }

    private void Note(string kind, string text)
    {
        Log($"{kind}: {text}");
        if (kind == "corosync") // of its own connection to it the balancer speaks itself
        {
            _guard?.SayNow($"{GuardTalk.Engine} {text.ReplaceLineEndings(" ")}");
        }
    }

    private void Log(string text)
    {
        lock (_log)
        {
            if (setup.Units)
            {
                Console.Error.WriteLine(text); // to the journal
            }
            try
            {
                if (_log.BaseStream.Length > LogBytesMax)
                {
                    _log.BaseStream.SetLength(0);
                }
                _log.WriteLine(FormattableString.Invariant($"{DateTime.UtcNow:O} {text}"));
            }
            catch (IOException)
            {
                // The folder is full: a guard without a log is better than none.
            }
        }
    }
}
