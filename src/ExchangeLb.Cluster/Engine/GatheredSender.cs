using System;
using System.Collections.Generic;
using System.Threading;
using ExchangeLb.Cluster.Ownership;

namespace ExchangeLb.Cluster.Engine;

/// <summary>
/// Broadcasts what may wait a moment, together. Corosync passes its token some five times for each message that comes alone, between processes and
/// threads, which takes far longer than the message (measured, and what it saves: decision 0002).
/// </summary>
/// <remarks>
/// Keeps the order of what is sent through it. What goes to the engine directly may come before what waits here. Any thread may send; <see cref="Tick"/> is
/// one thread's. Not for the lease thread: it might wait for a thread that has the lock and no processor.
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

    private readonly Lock _gate = new();
    private readonly byte[] _bytes = new byte[RoomBytes];
    private readonly Queue<int> _lengths = new();
    private int _length;
    private TimeSpan _next = TimeSpan.MinValue;

    /// <summary>Never waits for the engine.</summary>
    /// <returns>
    /// <see cref="SendResult.Accepted"/>: the engine has it, or will be given it until it takes it; lost where the engine leaves before. Anything else: as the engine says;
    /// also <see cref="SendResult.QueueFull"/> when too much waits here.
    /// </returns>
    public SendResult Send(ReadOnlySpan<byte> message)
    {
        bool isFirst;
        lock (_gate)
        {
            TimeSpan now = clock.Now;
            bool isLarge = message.Length > LargeBytes;
            if (isLarge || _length + message.Length > RoomBytes) { SendWaiting(now); }
            if (_length == 0 && (isLarge || now >= _next))
            {
                _next = now + Pace;
                return engine.Broadcast(message);
            }
            if (_length + message.Length > RoomBytes) { return SendResult.QueueFull; }
            isFirst = _length == 0;
            message.CopyTo(_bytes.AsSpan(_length));
            _length += message.Length;
            _lengths.Enqueue(message.Length);
        }
        if (isFirst) { wake(); }
        return SendResult.Accepted;
    }

    /// <summary>Sends what has waited long enough.</summary>
    /// <returns>When it is due next; <see cref="TimeSpan.MaxValue"/>: nothing waits.</returns>
    public TimeSpan Tick(TimeSpan now)
    {
        lock (_gate)
        {
            if (_length > 0 && now >= _next) { SendWaiting(now); }
            return _length > 0 ? _next : TimeSpan.MaxValue;
        }
    }

    /// <summary>Sends what waits, before the engine leaves.</summary>
    public void Flush()
    {
        lock (_gate) { SendWaiting(clock.Now); }
    }

    private void SendWaiting(TimeSpan now)
    {
        int sent = 0;
        while (_lengths.TryPeek(out int length) && engine.Broadcast(_bytes.AsSpan(sent, length)) != SendResult.QueueFull)
        {
            sent += length;
            _lengths.Dequeue();
        }
        _bytes.AsSpan(sent, _length - sent).CopyTo(_bytes);
        _length -= sent;
        _next = now + (_length > 0 ? RetryAfter : Pace);
    }
}
