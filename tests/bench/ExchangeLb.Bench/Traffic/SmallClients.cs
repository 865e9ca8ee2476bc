using System;
using System.Diagnostics;
using System.Runtime.InteropServices;
using ExchangeLb.Bench.Kernel;

namespace ExchangeLb.Bench.Traffic;

/// <summary>How far a connection has come.</summary>
internal enum Progress
{
    Waiting,
    Answered,
    Closed,
}

/// <summary>
/// Connections of clients that exchange small requests and answers, all on one thread and one epoll. Every answer is checked to the last
/// byte; anything unexpected throws. The loads decide what follows an answer.
/// </summary>
internal sealed unsafe class SmallClients : IDisposable
{
    private const int Room = Protocol.SmallAnswerLength + 1;   // one more than an answer, to see a surplus
    private static readonly TimeSpan StallLimit = TimeSpan.FromSeconds(10);

    private readonly Poller _poller = new();
    private readonly Connection[] _connections;
    private readonly byte* _received;
    private readonly byte* _request;
    private readonly int _port;
    private uint _ordinal;

    private struct Connection
    {
        internal int Fd;
        internal int Received;
        internal ulong Tag;
        internal bool RequestIsOut;
        internal bool IsWatched;
        internal AskFor Ask;
    }

    internal SmallClients(int port, int count)
    {
        _port = port;
        _connections = new Connection[count];
        Array.Fill(_connections, new Connection { Fd = -1 });
        _received = (byte*)NativeMemory.Alloc((nuint)count, Room);
        _request = (byte*)NativeMemory.Alloc(Protocol.SmallRequestLength);
        new ReadOnlySpan<byte>(Filler.Bytes, Protocol.SmallRequestLength).CopyTo(new Span<byte>(_request, Protocol.SmallRequestLength));
    }

    /// <summary>Connects and asks at once, as a TLS client does.</summary>
    internal void Open(int slot, AskFor ask)
    {
        _connections[slot] = new Connection { Fd = Tcp.BeginConnect(_port, (int)_ordinal), Ask = ask };
        Ask(slot);
        ref var connection = ref _connections[slot];
        if (connection.IsWatched) { return; }
        _poller.Watch(connection.Fd, slot);
        connection.IsWatched = true;
    }

    /// <summary>Sends the next request of a connection whose last one is answered.</summary>
    internal void Ask(int slot)
    {
        ref var connection = ref _connections[slot];
        connection.Tag = ++_ordinal;
        connection.Received = 0;
        connection.RequestIsOut = false;
        Send(slot, ref connection);
    }

    /// <summary>Events of connections; never empty: a silence of 10 s is a failed run.</summary>
    internal ReadOnlySpan<EpollEvent> Wait()
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            var happened = _poller.Wait(StallLimit);
            if (!happened.IsEmpty) { return happened; }
            if (Stopwatch.GetElapsedTime(started) >= StallLimit) { throw new BrokenRunException("stalled: 10 s without any answer"); }
        }
    }

    /// <summary>Events of connections, or none when the time has passed.</summary>
    internal ReadOnlySpan<EpollEvent> Wait(TimeSpan limit) => _poller.Wait(limit);

    /// <summary>Reads what has come. After <see cref="Progress.Answered"/> with the peer closed, read again.</summary>
    internal Progress Read(int slot)
    {
        ref var connection = ref _connections[slot];
        if (!connection.RequestIsOut)
        {
            Send(slot, ref connection);
            if (!connection.RequestIsOut) { return Progress.Waiting; }
        }
        while (true)
        {
            var wanted = Room - connection.Received;
            var answer = _received + (nint)slot * Room;
            var count = (int)Libc.Receive(connection.Fd, answer + connection.Received, wanted, 0);
            if (count < 0)
            {
                var error = Libc.Error;
                if (error == Errno.Again) { return Progress.Waiting; }
                if (error == Errno.Interrupted) { continue; }
                throw BrokenRunException.OfSystemCall($"receive, after {connection.Received} bytes of an answer", error);
            }
            if (count == 0)
            {
                return connection.Received == Protocol.SmallAnswerLength
                    ? Progress.Closed
                    : throw new BrokenRunException($"closed after {connection.Received} of {Protocol.SmallAnswerLength} bytes");
            }
            connection.Received += count;
            if (connection.Received < Protocol.SmallAnswerLength) { continue; }
            return Protocol.IsAnswer(new ReadOnlySpan<byte>(answer, connection.Received), connection.Tag, Protocol.SmallAnswerLength)
                && connection.Received == Protocol.SmallAnswerLength
                ? Progress.Answered
                : throw new BrokenRunException("a wrong answer");
        }
    }

    internal void Close(int slot)
    {
        Libc.Close(_connections[slot].Fd);
        _connections[slot].Fd = -1;
    }

    public void Dispose()
    {
        for (var slot = 0; slot < _connections.Length; slot++)
        {
            if (_connections[slot].Fd >= 0) { Close(slot); }
        }
        _poller.Dispose();
        NativeMemory.Free(_received);
        NativeMemory.Free(_request);
    }

    private void Send(int slot, ref Connection connection)
    {
        Protocol.WriteRequestHead(
            new Span<byte>(_request, Protocol.RequestHeadLength), connection.Ask, connection.Tag,
            Protocol.SmallRequestLength - Protocol.RequestHeadLength, Protocol.SmallAnswerLength);
        var count = Libc.Send(connection.Fd, _request, Protocol.SmallRequestLength, MessageFlags.NoSignal);
        if (count == Protocol.SmallRequestLength)
        {
            connection.RequestIsOut = true;
            return;
        }
        if (count >= 0) { throw new BrokenRunException("a small request did not fit into an empty send buffer"); }
        if (Libc.Error != Errno.Again) { throw BrokenRunException.OfSystemCall("send", Libc.Error); }
        _poller.WatchBoth(connection.Fd, slot, connection.IsWatched);   // still connecting
        connection.IsWatched = true;
    }
}
