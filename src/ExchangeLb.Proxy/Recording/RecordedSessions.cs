using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Threading;
using System.Threading.Tasks;
using ExchangeLb.Core.Runtime;
using ExchangeLb.Linux.Repair;
using ExchangeLb.Linux.Sockets;
using ExchangeLb.Proxy.HandOver;
using ExchangeLb.Proxy.Loops;
using ExchangeLb.Proxy.Sessions;

namespace ExchangeLb.Proxy.Recording;

/// <summary>The recording as the cluster sees it: orders to all loops, what other nodes told, and what is made of it.</summary>
internal sealed class RecordedSessions(ProcessState process, SessionRestoring restoring) : IRecordedSessions
{
    private readonly RecordStore _store = new(RecordStore.DefaultCapacity);
    private readonly Lock _gate = new();
    private readonly Dictionary<IPAddress, SessionsTakenOver> _restored = [];

    /// <summary>Of which it is being decided what goes on.</summary>
    private readonly Dictionary<SessionsTakenOver, IPAddress> _takenOver = [];

    private readonly Dictionary<IPAddress, SessionCheck> _checks = [];
    private readonly Dictionary<IPAddress, LostSessions> _lost = [];
    private long _toldBytes;

    public string? Lack => restoring.Lack;

    public RecordingFigures Figures
    {
        get
        {
            IEnumerable<SessionRecorder> recorders = process.Loops.Select(loop => loop.Recorder);
            return new RecordingFigures(
                recorders.Sum(recorder => recorder.EstablishedTotal),
                recorders.Sum(recorder => recorder.SnapshotsTotal),
                recorders.Sum(recorder => recorder.AwakeningsTotal),
                recorders.Sum(recorder => recorder.LateTotal),
                recorders.Sum(recorder => recorder.FailedTotal),
                Interlocked.Read(ref _toldBytes),
                TimeSpan.FromTicks(recorders.Sum(recorder => recorder.Busy.Ticks)),
                _store.Count,
                _store.Bytes,
                _store.RefusedTotal,
                process.Loops.Sum(loop => loop.Held.NotHeldTotal));
        }
    }

    public void HoldIn(IHeldSockets sockets)
    {
        sockets.Renewed += () => Tell(() => new LoopMessage.HoldSockets(sockets));
        Tell(() => new LoopMessage.HoldSockets(sockets));
    }

    public void Begin(IPAddress address, ulong incarnation, TellRecords tell)
    {
        SharedRecords records = new(Mapped(address), incarnation, told =>
        {
            Interlocked.Add(ref _toldBytes, told.Length);
            tell(told);
        });
        Tell(() => new LoopMessage.BeginRecording(records));
    }

    public void End(IPAddress address)
    {
        lock (_gate)
        {
            EndLost(address);
        }
        Tell(() => new LoopMessage.EndRecording(Mapped(address)));
    }

    public void StopAsking(IPAddress address)
    {
        lock (_gate)
        {
            EndCheck(address, next: null);
            EndLost(address);
        }
    }

    public Task AbandonAsync(IPAddress address, TellRecords tell)
    {
        StopAsking(address);
        lock (_gate)
        {
            foreach ((SessionsTakenOver sessions, IPAddress of) in _takenOver)
            {
                if (of.Equals(address))
                {
                    sessions.CallOff();
                }
            }
        }
        AbandonOrder order = new(Mapped(address), new LocalAddresses([address]), process.Loops.Length, tell);
        foreach (EventLoop loop in process.Loops)
        {
            if (!loop.Post(new LoopMessage.AbandonSessions(order, From: 0)))
            {
                order.LoopIsThrough();      // it has ended: it has none
            }
        }
        return order.Done;
    }

    public string? Take(string owner, IPAddress address, ReadOnlySpan<byte> records, TimeSpan age = default) =>
        _store.Take(owner, Mapped(address), records, ImageClock.Now.Before(age));

    public void KeepGiven(string self, IPAddress address, ulong incarnation, IReadOnlyList<GivenSession> given)
    {
        foreach (IGrouping<TimeSpan, GivenSession> ofAge in given.GroupBy(session => session.Age))
        {
            RecordBatch batch = new(Mapped(address), incarnation, records => _store.Take(self, Mapped(address), records, ImageClock.Now.Before(ofAge.Key)));
            foreach (GivenSession session in ofAge)
            {
                StoredRecord.Given(session, batch);
            }
            batch.Tell();
        }
    }

    public void Forget(string owner, IPAddress address) => _store.Forget(owner, Mapped(address));

    public int Restore(IPAddress address)
    {
        SessionsTakenOver? sessions;
        lock (_gate)
        {
            if (!_restored.TryGetValue(address, out sessions))
            {
                _restored[address] = sessions = new SessionsTakenOver(address, restoring);
            }
        }
        return sessions.Restore(_store.Of(Mapped(address)));
    }

    public void Drop(IPAddress address)
    {
        SessionsTakenOver? sessions;
        lock (_gate)
        {
            _restored.Remove(address, out sessions);
        }
        sessions?.Drop();
    }

    public Task<TakenOverSessions> TakeOverAsync(IPAddress address, int link, Action standing)
    {
        long nowMs = LoopClock.NowMs();
        return OnThread("take-over", () => TakeOver(address, link, nowMs, standing));
    }

    public Task<int> CheckAsync(IPAddress address, int link)
    {
        SessionCheck check = new(address, process.Loops);
        lock (_gate)
        {
            EndCheck(address, next: check);
        }
        return OnThread("check", () => check.Run(link));
    }

    public Task<LostSessionsDone> ResetLostAsync(IPAddress address, int link, ReadOnlySpan<byte> records)
    {
        LostSessions lost;
        lock (_gate)
        {
            if (_lost.TryGetValue(address, out LostSessions? running) && running.TryAdd(records))
            {
                return Task.FromResult(default(LostSessionsDone));
            }
            _lost[address] = lost = new LostSessions(address, restoring);
            lost.TryAdd(records);
        }
        return OnThread("lost", () => lost.Run(link));
    }

    private void EndLost(IPAddress address)
    {
        if (_lost.Remove(address, out LostSessions? lost))
        {
            lost.CallOff();
        }
    }

    private void EndCheck(IPAddress address, SessionCheck? next)
    {
        if (_checks.Remove(address, out SessionCheck? last))
        {
            last.CallOff();
        }
        if (next is not null)
        {
            _checks[address] = next;
        }
    }

    private static Task<T> OnThread<T>(string name, Func<T> run)
    {
        TaskCompletionSource<T> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Thread thread = new(() =>
        {
            try
            {
                done.SetResult(run());
            }
            catch (Exception exception)
            {
                done.SetException(exception);
            }
        })
        { Name = name, IsBackground = true };
        thread.Start();
        return done.Task;
    }

    private TakenOverSessions TakeOver(IPAddress address, int link, long takeOverMs, Action standing)
    {
        SessionsTakenOver sessions;
        List<StoredRecord> records;
        lock (_gate)
        {
            if (!_restored.Remove(address, out SessionsTakenOver? restored))
            {
                restored = new SessionsTakenOver(address, restoring);
            }
            sessions = restored;
            records = _store.Of(Mapped(address));
            _store.Forget(Mapped(address));
            _takenOver[sessions] = address;
        }
        try
        {
            sessions.Restore(records, last: true);
            standing();
            return sessions.Run(link, takeOverMs);
        }
        finally
        {
            sessions.Drop();        // what an error left
            lock (_gate)
            {
                _takenOver.Remove(sessions);
            }
        }
    }

    private static UInt128 Mapped(IPAddress address) => SockAddress.From(new IPEndPoint(address, 0)).Mapped;

    private void Tell(Func<LoopMessage> make)
    {
        foreach (EventLoop loop in process.Loops)
        {
            loop.Post(make());
        }
    }
}
