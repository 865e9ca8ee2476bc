using System;
using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Net.Security;
using System.Threading;
using ExchangeLb.Linux.Clocks;

namespace ExchangeLb.Cluster.Streams;

/// <summary>
/// An open stream to another node: messages, each behind its length (4 bytes, little-endian), both ways, in TLS. One thread writes what waits, one reads;
/// an empty message says nothing.
/// </summary>
internal sealed class StreamConnection : IDisposable
{
    internal const int LengthBytes = 4;
    internal const int MessageMaxBytes = 64 * 1024;

    /// <summary>More than a move is ever ahead of its target (<see cref="Moving.MoveLimits.ConnectionWindowBytes"/>).</summary>
    internal const int WaitingMaxBytes = 16 * 1024 * 1024;

    private const int RoomBytes = 256 * 1024;

    private readonly SslStream _tls;
    private readonly Action<ReadOnlySpan<byte>> _arrived;
    private readonly Action<StreamConnection, string> _ended;
    private readonly ConcurrentQueue<(byte[] Rented, int Length)> _waiting = new();
    private readonly AutoResetEvent _wakeUp = new(false);
    private readonly Lock _threads = new();
    private readonly List<int> _running = [];
    private int _waitingBytes;
    private int _priority;
    private int _over;

    /// <param name="arrived">Of each message, on the reading thread.</param>
    /// <param name="ended">Once, on any thread; with the reason.</param>
    internal StreamConnection(SslStream tls, Action<ReadOnlySpan<byte>> arrived, Action<StreamConnection, string> ended) =>
        (_tls, _arrived, _ended) = (tls, arrived, ended);

    internal void Start()
    {
        new Thread(() => Work(Write)) { Name = "stream-out", IsBackground = true }.Start();
        new Thread(() => Work(Read)) { Name = "stream-in", IsBackground = true }.Start();
        TrySend([]);    // what runs for the first time is slow, on both sides: not when clients wait
    }

    /// <summary>Any thread; never waits.</summary>
    /// <returns>False: too much waits already, or it has ended.</returns>
    internal bool TrySend(ReadOnlySpan<byte> payload)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(payload.Length, MessageMaxBytes);
        int length = LengthBytes + payload.Length;
        if (Volatile.Read(ref _over) != 0 || Volatile.Read(ref _waitingBytes) + length > WaitingMaxBytes)
        {
            return false;
        }
        byte[] rented = ArrayPool<byte>.Shared.Rent(payload.Length);
        payload.CopyTo(rented);
        Interlocked.Add(ref _waitingBytes, length);
        _waiting.Enqueue((rented, payload.Length));
        _wakeUp.Set();
        return true;
    }

    /// <summary>Its threads are real-time threads, where that is allowed.</summary>
    /// <param name="priority">1..99; 0: they are like all others.</param>
    internal void Hurry(int priority)
    {
        lock (_threads)
        {
            _priority = priority;
            foreach (int thread in _running) { Set(thread); }
        }
    }

    public void Dispose() => End("it is not wanted");

    /// <param name="reason">For people.</param>
    internal void End(string reason)
    {
        if (Interlocked.Exchange(ref _over, 1) != 0)
        {
            return;
        }
        _wakeUp.Set();      // left to the collector: somebody may be about to set it
        _tls.Dispose();     // ends the calls that wait, too
        _ended(this, reason);
    }

    private void Work(Action work)
    {
        int self = RealTime.CurrentThread;
        lock (_threads)
        {
            _running.Add(self);
            if (_priority > 0) { Set(self); }
        }
        try
        {
            work();
        }
#pragma warning disable CA1031 // nothing depends on a stream: whatever is wrong ends it alone
        catch (Exception failure)
        {
            End(failure.GetBaseException().Message);
        }
#pragma warning restore CA1031
        lock (_threads)
        {
            _running.Remove(self);
        }
    }

    private void Set(int thread) => _ = _priority > 0 ? RealTime.RequestRoundRobin(_priority, thread) : RealTime.GiveUp(thread);

    private void Write()
    {
        byte[] room = new byte[RoomBytes];
        while (Volatile.Read(ref _over) == 0)
        {
            int filled = 0;
            while (_waiting.TryPeek(out (byte[] Rented, int Length) next) && filled + LengthBytes + next.Length <= room.Length)
            {
                _waiting.TryDequeue(out _);
                BinaryPrimitives.WriteInt32LittleEndian(room.AsSpan(filled), next.Length);
                next.Rented.AsSpan(0, next.Length).CopyTo(room.AsSpan(filled + LengthBytes));
                ArrayPool<byte>.Shared.Return(next.Rented);
                filled += LengthBytes + next.Length;
            }
            if (filled == 0)
            {
                _wakeUp.WaitOne();
                continue;
            }
            _tls.Write(room.AsSpan(0, filled));
            Interlocked.Add(ref _waitingBytes, -filled);
        }
    }

    private void Read()
    {
        byte[] room = new byte[RoomBytes];
        int filled = 0;
        while (Volatile.Read(ref _over) == 0)
        {
            int read = _tls.Read(room.AsSpan(filled));
            if (read == 0)
            {
                End("the other node closed it");
                return;
            }
            filled += read;
            int used = 0;
            while (filled - used >= LengthBytes)
            {
                int length = BinaryPrimitives.ReadInt32LittleEndian(room.AsSpan(used));
                if (length is < 0 or > MessageMaxBytes)
                {
                    End($"a message of {length} bytes was announced, {MessageMaxBytes} is the most");
                    return;
                }
                if (filled - used - LengthBytes < length)
                {
                    break;
                }
                if (length > 0) { _arrived(room.AsSpan(used + LengthBytes, length)); }
                used += LengthBytes + length;
            }
            room.AsSpan(used, filled - used).CopyTo(room);
            filled -= used;
        }
    }
}
