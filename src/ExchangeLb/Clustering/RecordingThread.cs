using System;
using System.Collections.Generic;
using System.Net;
using System.Threading;
using System.Threading.Tasks;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Cluster.Kernel;
using ExchangeLb.Cluster.Messages;
using ExchangeLb.Cluster.Ownership;
using ExchangeLb.Cluster.Recording;
using ExchangeLb.Clustering.Guarding;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Runtime;
using ExchangeLb.Linux.Repair;
using ExchangeLb.Proxy.Recording;

namespace ExchangeLb.Clustering;

/// <summary>
/// The thread on which quiet sessions are recorded for the time after a crash: all that <see cref="Recorder"/> hears and does happens on it. Records of this
/// node's own sessions go from the loops to the engine past it, gathered.
/// </summary>
internal sealed class RecordingThread : IMailReceiver, IRecordHost, IDisposable
{
    /// <summary>Messages that may wait: 64 MB at most. One that is dropped costs sessions, no more.</summary>
    private const int WaitingMax = 4096;

    [ThreadStatic]
    private static byte[]? _message;

    private readonly ClusterSetup _setup;
    private readonly IRecordedSessions _sessions;
    private readonly IMonotonicClock _clock;
    private readonly Envelope _envelope;
    private readonly GatheredSender _sender;
    /// <summary>The kernel is silent for 5 s (<see cref="SilencedResets.Life"/>) each time.</summary>
    private static readonly TimeSpan SilentAgain = TimeSpan.FromSeconds(2);

    private readonly SilencedResets? _resets = SilencedResets.TryOpen();
    private readonly Silences _silences;
    private readonly Action<int, int> _cleared;
    private readonly Action<string, string> _write;
    private readonly ActionThread _thread;
    private readonly Recorder _recorder;
    private readonly GuardedSockets? _guard;
    private readonly bool[] _takesOver = new bool[VipPlaces.Max];
    private readonly bool[] _isUndecided = new bool[VipPlaces.Max];
    private volatile bool _hasPeers;
    private int _mailWaiting;
    private long _droppedTotal;

    /// <param name="cleared">Nothing is left of a VIP's sessions up to its so-many-th loss.</param>
    /// <param name="write">Tells people: kind and text of an event.</param>
    /// <param name="guard">Keeps the records of this process's sessions for the next one; null: nobody does.</param>
    public RecordingThread(
        ClusterSetup setup, IRecordedSessions sessions, IMonotonicClock clock, Envelope envelope, GatheredSender sender, Action<int, int> cleared, Action<string, string> write,
        GuardedSockets? guard = null)
    {
        (_setup, _sessions, _clock, _envelope, _sender, _cleared, _write, _guard) = (setup, sessions, clock, envelope, sender, cleared, write, guard);
        _silences = new Silences(vip => _resets?.Begin(vip) ?? false, vip => _resets?.End(vip) ?? false, SilentAgain);
        _recorder = new Recorder(setup.Model, setup.SelfId, setup.Incarnation, this, isKept: guard is not null);
        _thread = new ActionThread("recording", clock, _recorder.Tick);
        if (guard is not null)
        {
            guard.Renewed += () => _thread.Post(() => _recorder.KeeperCame(_clock.Now));
        }
    }

    /// <summary>Records of others that could not be read. Any thread.</summary>
    public long RejectedTotal => _recorder.RejectedTotal;

    /// <summary>`hand-over full`. Any thread.</summary>
    public bool IsOn => _setup.Model.HandOver == HandOverMode.Full;

    /// <summary>Any thread.</summary>
    public RecordingSnapshot Snapshot()
    {
        RecordingFigures figures = _sessions.Figures;
        return new RecordingSnapshot
        {
            Held = figures.Held,
            HeldBytes = figures.HeldBytes,
            SnapshotsTotal = figures.Snapshots,
            SentBytesTotal = figures.Bytes,
            Busy = figures.Busy,
            LostTotal = figures.Failed + figures.Refused + figures.NotHeld + Interlocked.Read(ref _droppedTotal),
        };
    }

    public void Start()
    {
        Use(_setup.Model);
        _thread.Start();
    }

    /// <summary>A reload. Any thread; before anything is told of a VIP that came with it.</summary>
    public void Use(ClusterModel model) => _thread.Post(() => _recorder.Use(model, model.HandOver == HandOverMode.Full, _clock.Now));

    /// <param name="moved">Its sessions came along, and run.</param>
    public void Acquired(int vip, bool moved) => _thread.Post(() =>
    {
        _recorder.Acquired(vip, moved, _clock.Now);
        if (!_takesOver[vip]) { Volatile.Write(ref _isUndecided[vip], false); }
    });

    public void Lost(int vip, SessionsLeft left) => _thread.Post(() =>
    {
        if (left == SessionsLeft.AreKept) { _recorder.Slipped(vip); }
        else { _recorder.Lost(vip, isWaitedFor: left == SessionsLeft.AreEnding); }
    });

    /// <summary>This node has just become owner: <see cref="Acquired"/> follows, by way of another thread.</summary>
    public void Acquiring(int vip) => Volatile.Write(ref _isUndecided[vip], true);

    /// <summary>What was recorded of others' sessions is being gone on with, or will be: it is not known yet which do. Any thread.</summary>
    public bool IsUndecided(int vip) => Volatile.Read(ref _isUndecided[vip]);

    /// <summary>These sessions have gone to another node.</summary>
    public void Gave(int vip, IReadOnlyList<GivenSession> given) => _thread.Post(() =>
    {
        if (_recorder.Gave(vip, _clock.Now) is { } incarnation)
        {
            _sessions.KeepGiven(_setup.SelfId.ToString(), Address(vip), incarnation, given);
        }
    });

    public void OwnerIs(int vip, NodeId owner) => _thread.Post(() => _recorder.OwnerIs(vip, owner, _clock.Now));

    /// <summary>Another node owned the VIP, too.</summary>
    public void RivalMet(int vip) => _thread.Post(() => _recorder.RivalMet(vip, _clock.Now));

    public void Contending(int vip) => _thread.Post(() => _recorder.Contending(vip));

    public void ViewChanged(ClusterView view)
    {
        _hasPeers = view.Members.Length > 1;
        _thread.Post(() => _recorder.ViewChanged(view, _clock.Now));
    }

    /// <summary>What the guard left of the former process's sessions. Any thread.</summary>
    public void TakeLeft(byte[] records) => _thread.Post(() =>
    {
        HashSet<int> taken = [];
        KeptRecords.Read(records, ImageClock.Now, (address, age, batch) =>
        {
            if (TakeLeft(address, age, batch) is { } vip) { taken.Add(vip); }
        });
        foreach (int vip in taken)
        {
            _recorder.Contending(vip);      // sockets before packets; they are dropped when another node turns out to be owner
        }
    });

    public void MessageArrived(MessageKind kind, NodeId sender, ReadOnlySpan<byte> body)
    {
        if (sender == _setup.SelfId)
        {
            return;
        }
        if (Volatile.Read(ref _mailWaiting) >= WaitingMax)
        {
            Interlocked.Increment(ref _droppedTotal);
            return;
        }
        byte[] copy = body.ToArray();
        Interlocked.Increment(ref _mailWaiting);
        _thread.Post(() =>
        {
            Interlocked.Decrement(ref _mailWaiting);
            _recorder.MessageArrived(sender, copy, _clock.Now);
        });
    }

    public void Dispose()
    {
        _thread.Dispose();
        _silences.Dispose();
        _resets?.Dispose();
    }

    void IRecordHost.Begin(int vip, ulong incarnation)
    {
        uint key = OwnershipMessages.KeyOf(_setup.Model.Vips[vip]);
        _sessions.Begin(Address(vip), incarnation, records => Send(key, records));
    }

    void IRecordHost.End(int vip)
    {
        _sessions.End(Address(vip));
        _guard?.Forget(Address(vip));
    }

    string? IRecordHost.Take(NodeId owner, int vip, ReadOnlySpan<byte> records) => _sessions.Take(owner.ToString(), Address(vip), records);

    void IRecordHost.Forget(NodeId owner, int vip) => _sessions.Forget(owner.ToString(), Address(vip));

    void IRecordHost.Restore(int vip)
    {
        // The fence may open before all sockets are there, and a segment that meets none must not end its connection.
        long silence = _silences.Begin(Address(vip));
        try
        {
            _sessions.Restore(Address(vip));
        }
#pragma warning disable CA1031 // sockets that are not made now are made when this node is owner, or not; it must go on
        catch (Exception bug)
        {
            _write("recorded", $"connections of {Address(vip)} could not be gone on with: internal error: {bug.Message}");
        }
#pragma warning restore CA1031
        _silences.Rest(Address(vip), silence);
    }

    void IRecordHost.Drop(int vip)
    {
        _silences.End(Address(vip));
        _sessions.Drop(Address(vip));
    }

    void IRecordHost.TakeOver(int vip)
    {
        _takesOver[vip] = true;
        _ = TakeOverAsync(vip, _silences.Begin(Address(vip)));
    }

    void IRecordHost.Abandon(int vip) => _ = AbandonAsync(vip);

    void IRecordHost.StopAsking(int vip) => _sessions.StopAsking(Address(vip));

    void IRecordHost.Check(int vip) => _ = CheckAsync(vip);

    bool IRecordHost.TellLost(int vip, ReadOnlySpan<byte> records)
    {
        bool accepted = _sender.SendAtOnce(Sealed(OwnershipMessages.KeyOf(_setup.Model.Vips[vip]), records, areLost: true)) == SendResult.Accepted;
        if (!accepted)
        {
            Interlocked.Increment(ref _droppedTotal);
        }
        return accepted;
    }

    void IRecordHost.ResetLost(int vip, ReadOnlySpan<byte> records) => _ = ResetLostAsync(vip, records.ToArray());

    void IRecordHost.Cleared(int vip, int losses) => _cleared(vip, losses);

    /// <returns>The VIP that they are of; null: they are of no use.</returns>
    private int? TakeLeft(IPAddress address, TimeSpan age, ReadOnlySpan<byte> records)
    {
        int vip = VipPlaces.Find(_setup.Model.Vips, address);
        if (vip < 0 || !_recorder.TakesOwn(vip))
        {
            return null;
        }
        _sessions.Take(_setup.SelfId.ToString(), address, records, age);
        return vip;
    }

    private async Task TakeOverAsync(int vip, long silence)
    {
        try
        {
            TakenOverSessions done = await _sessions.TakeOverAsync(Address(vip), link: 0, () => _silences.End(Address(vip), silence)).ConfigureAwait(false);
            if (done != default)
            {
                _write("recorded", Words(vip, done));
            }
        }
#pragma warning disable CA1031 // the sessions are lost, the VIP is not
        catch (Exception bug)
        {
            _write("recorded", $"connections of {Address(vip)} could not be gone on with: internal error: {bug.Message}");
            _silences.End(Address(vip), silence);
        }
#pragma warning restore CA1031
        _thread.Post(() =>
        {
            _takesOver[vip] = false;
            Volatile.Write(ref _isUndecided[vip], false);
            _recorder.TookOver(vip, _clock.Now);
        });
    }

    private async Task CheckAsync(int vip)
    {
        try
        {
            int reset = await _sessions.CheckAsync(Address(vip), link: 0).ConfigureAwait(false);
            if (reset > 0)
            {
                _write("recorded", $"{reset} connections of {Address(vip)} had gone on at another node that owned it meanwhile, and were reset");
            }
        }
#pragma warning disable CA1031 // sessions may hang until a timeout of theirs; the node goes on
        catch (Exception bug)
        {
            _write("recorded", $"connections of {Address(vip)} could not be asked whether they went on at another node: internal error: {bug.Message}");
        }
#pragma warning restore CA1031
    }

    private async Task ResetLostAsync(int vip, byte[] records)
    {
        try
        {
            LostSessionsDone done = await _sessions.ResetLostAsync(Address(vip), link: 0, records).ConfigureAwait(false);
            if (done != default)
            {
                string unanswered = done.Unanswered > 0 ? $", {done.Unanswered} did not answer" : "";
                string failed = done.Failed > 0 ? $", {done.Failed} failed" : "";
                _write("recorded", $"{done.Reset} connections of {Address(vip)} that a node had lost were reset{unanswered}{failed}");
            }
        }
#pragma warning disable CA1031 // sessions may hang until a timeout of theirs; the node goes on
        catch (Exception bug)
        {
            _write("recorded", $"connections of {Address(vip)} that a node had lost could not be reset: internal error: {bug.Message}");
        }
#pragma warning restore CA1031
    }

    /// <summary>On a loop's thread.</summary>
    private void Abandoning(int vip, byte[] records) => _thread.Post(() => _recorder.Abandoning(vip, records, _clock.Now));

    private async Task AbandonAsync(int vip)
    {
        try
        {
            await _sessions.AbandonAsync(Address(vip), records => Abandoning(vip, records.ToArray())).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // sessions of this node that live elsewhere now may be left: but who waits for their end would not serve at all
        catch (Exception bug)
        {
            Interlocked.Increment(ref _droppedTotal);
            _write("recorded", $"connections of {Address(vip)} that ended with its loss could not be closed: internal error: {bug.Message}");
        }
#pragma warning restore CA1031
        _thread.Post(() => _recorder.Abandoned(vip));
    }

    private string Words(int vip, in TakenOverSessions done)
    {
        int reset = done.Active + done.Stale + done.Unanswered + done.Placeless;
        string placeless = done.Placeless > 0 ? $", {done.Placeless} had no place here: {done.Lack}" : "";
        string failed = done.Failed > 0 ? $", {done.Failed} failed" : "";
        return $"{done.Continued} quiet connections of {Address(vip)} go on here, {reset} were reset ({done.Active} active, {done.Stale} stale, {done.Unanswered} did not answer{placeless}){failed}";
    }

    /// <summary>On a loop's thread. They have waited for others already.</summary>
    private void Send(uint key, ReadOnlySpan<byte> records)
    {
        ReadOnlySpan<byte> message = Sealed(key, records, areLost: false);
        bool kept = _guard?.Keep(records) ?? true;
        if (!kept | (_hasPeers && _sender.SendAtOnce(message) != SendResult.Accepted))
        {
            Interlocked.Increment(ref _droppedTotal);
            _thread.Post(_recorder.SomeWereLost);
        }
    }

    /// <returns>Valid until this thread makes the next one.</returns>
    private ReadOnlySpan<byte> Sealed(uint key, ReadOnlySpan<byte> records, bool areLost)
    {
        byte[] message = _message ??= new byte[Envelope.HeaderBytes + RecordMessages.HeaderBytes + IRecordedSessions.RecordsLimit];
        RecordMessages.WriteHeader(message.AsSpan(Envelope.HeaderBytes), key, areLost);
        records.CopyTo(message.AsSpan(Envelope.HeaderBytes + RecordMessages.HeaderBytes));
        return message.AsSpan(0, _envelope.Seal(MessageKind.Records, message, RecordMessages.HeaderBytes + records.Length));
    }

    private IPAddress Address(int vip) => _setup.Model.Vips[vip].Address;
}
