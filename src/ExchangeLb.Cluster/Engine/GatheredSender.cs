using System;
using System.Collections.Generic;
using System.Threading;
using ExchangeLb.Cluster.Ownership;
using ExchangeLb.Linux.Calls;

namespace ExchangeLb.Cluster.Engine;

/// <summary>
/// Broadcasts what may wait a moment, together. Corosync passes its token some five times for each message that comes alone, between processes and
/// threads, which takes far longer than the message (measured, and what it saves: decision 0002).
/// </summary>
/// <remarks>
/// Keeps the order of what is sent through it. What goes to the engine directly may come before what waits here. Any thread may send; <see cref="Tick"/> is
/// one thread's. While one thread gives the engine what waits, others may send on: what they send waits.
/// </remarks>
/// <param name="engine">Where it goes.</param>
/// <param name="clock">Never goes back.</param>
/// <param name="wake">Something waits: call <see cref="Tick"/>. On the sender's thread.</param>
public sealed class GatheredSender(IClusterEngine engine, IMonotonicClock clock, Action wake)
{
    /// <summary>Small messages leave so often at most; one that none was sent so long before goes at once.</summary>
    public static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(8);

    /// <summary>Bytes that may wait, also while the engine takes no more.</summary>
    internal const int RoomBytes = 64 * 1024;

    /// <summary>A message of more bytes does not wait, nor do those before it.</summary>
    internal const int LargeBytes = 4 * 1024;

    private static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(1);

    /// <summary>Loops in haste, which are real-time, wait here for others.</summary>
    private readonly InheritingLock _gate = new();
    private Batch _waiting = new();

    /// <summary>On its way to the engine, before all that waits. Its flusher's.</summary>
    private Batch _leaving = new();
    private bool _flushing;
    private bool _ended;
    private bool _isUrgent;
    private TimeSpan _next = TimeSpan.MinValue;
    private long _refusedTotal;

    private enum Way
    {
        Waits,
        Flushes,
        GoesAlone,
        HasNoRoom,
        IsOver,
    }

    /// <summary>Messages that were refused, since there was no room for them here.</summary>
    public long RefusedTotal => Interlocked.Read(ref _refusedTotal);

    /// <summary>Never waits for Corosync; at most for another thread that copies a message.</summary>
    /// <returns>
    /// <see cref="SendResult.Accepted"/>: the engine has it, or will be given it until it takes it; lost where the engine, or this process, ends before. Anything else: as the
    /// engine says; also <see cref="SendResult.QueueFull"/> when too much waits here.
    /// </returns>
    public SendResult Send(ReadOnlySpan<byte> message)
    {
        bool isFirst;
        Way way = Enter(message, out isFirst);
        if (way == Way.HasNoRoom)
        {
            Flush();
            way = Enter(message, out isFirst);
        }
        switch (way)
        {
            case Way.GoesAlone:
                SendResult result = engine.Broadcast(message);
                Leave(clock.Now);
                return result;
            case Way.Flushes:
                Flush();
                return SendResult.Accepted;
            case Way.IsOver:
                return SendResult.NotJoined;
            case Way.HasNoRoom:
                Interlocked.Increment(ref _refusedTotal);
                return SendResult.QueueFull;
            default:
                if (isFirst) { wake(); }
                return SendResult.Accepted;
        }
    }

    /// <summary>The same of a message that has waited already, or that nobody could say instead of this process: with what was before it, it does not wait.</summary>
    public SendResult SendAtOnce(ReadOnlySpan<byte> message)
    {
        SendResult result = Send(message);
        using (_gate.Enter())
        {
            if (IsEmpty) { return result; }
            _isUrgent = true;       // for who is flushing now
        }
        Flush();
        return result;
    }

    /// <summary>Sends what has waited long enough.</summary>
    /// <returns>When it is due next; <see cref="TimeSpan.MaxValue"/>: nothing waits.</returns>
    public TimeSpan Tick(TimeSpan now)
    {
        bool isDue;
        using (_gate.Enter()) { isDue = !IsEmpty && now >= _next; }
        if (isDue) { Flush(); }
        using (_gate.Enter())
        {
            // Who is flushing says so when he is done and something has come meanwhile.
            return IsEmpty || _flushing ? TimeSpan.MaxValue : _next;
        }
    }

    /// <summary>Sends what waits now, as far as the engine takes it. Where another thread does so already nothing happens.</summary>
    public void Flush()
    {
        using (_gate.Enter())
        {
            if (_flushing) { return; }
            _flushing = true;
            if (_leaving.IsEmpty) { (_leaving, _waiting) = (_waiting, _leaving); }
        }
        if (_leaving.TrySend(engine))
        {
            // What was left over of the last time has gone first; what waited meanwhile is due, too.
            using (_gate.Enter()) { (_leaving, _waiting) = (_waiting, _leaving); }
            _leaving.TrySend(engine);
        }
        Leave(clock.Now);
    }

    /// <summary>The engine is about to leave: what waits is sent, and nothing is taken any more (<see cref="SendResult.NotJoined"/>).</summary>
    /// <returns>False: the engine has not taken all; once more.</returns>
    public bool TryEnd()
    {
        using (_gate.Enter()) { _ended = true; }
        Flush();
        using (_gate.Enter()) { return IsEmpty; }
    }

    private bool IsEmpty => _waiting.IsEmpty && _leaving.IsEmpty;

    /// <summary>The message waits, unless it may go alone or there is no room.</summary>
    private Way Enter(ReadOnlySpan<byte> message, out bool isFirst)
    {
        TimeSpan now = clock.Now;
        bool isLarge = message.Length > LargeBytes;
        using (_gate.Enter())
        {
            isFirst = _waiting.IsEmpty;
            if (_ended) { return Way.IsOver; }
            bool isDue = isLarge || now >= _next;
            if (isDue && IsEmpty && !_flushing)
            {
                _flushing = true;       // nothing overtakes it
                return Way.GoesAlone;
            }
            if (!_waiting.TryAdd(message)) { return Way.HasNoRoom; }
            return isDue && !_flushing ? Way.Flushes : Way.Waits;
        }
    }

    private void Leave(TimeSpan now)
    {
        bool isLeft;
        using (_gate.Enter())
        {
            _flushing = false;
            isLeft = !IsEmpty;
            _next = now + (!_leaving.IsEmpty ? RetryAfter : isLeft && _isUrgent ? TimeSpan.Zero : Pace);
            _isUrgent &= isLeft;
        }
        if (isLeft) { wake(); }
    }

    /// <summary>Messages one behind the other.</summary>
    private sealed class Batch
    {
        private readonly byte[] _bytes = new byte[RoomBytes];
        private readonly Queue<int> _lengths = new();
        private int _sent;
        private int _end;

        public bool IsEmpty => _lengths.Count == 0;

        public bool TryAdd(ReadOnlySpan<byte> message)
        {
            if (_end + message.Length > RoomBytes) { return false; }
            message.CopyTo(_bytes.AsSpan(_end));
            _end += message.Length;
            _lengths.Enqueue(message.Length);
            return true;
        }

        /// <summary>What the engine can't do with at all is lost: it has left, or will never take it.</summary>
        /// <returns>False: it takes no more now.</returns>
        public bool TrySend(IClusterEngine engine)
        {
            while (_lengths.TryPeek(out int length))
            {
                if (engine.Broadcast(_bytes.AsSpan(_sent, length)) == SendResult.QueueFull) { return false; }
                _sent += length;
                _lengths.Dequeue();
            }
            (_sent, _end) = (0, 0);
            return true;
        }
    }
}
