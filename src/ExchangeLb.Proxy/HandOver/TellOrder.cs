using System;
using System.Collections.Generic;
using System.Net;
using System.Threading;
using System.Threading.Tasks;
using ExchangeLb.Core.Runtime;
using ExchangeLb.Linux.Repair;
using ExchangeLb.Linux.Sockets;
using ExchangeLb.Proxy.Sessions;

namespace ExchangeLb.Proxy.HandOver;

/// <summary>
/// All loops tell of the quiet sessions of one address, ahead of a freeze; the last one to be through says so. Shared by the loops, but what a loop told, and
/// how far the sockets had got then, is its own.
/// </summary>
/// <param name="told">See <see cref="IMovableSessions.TellAsync"/>.</param>
internal sealed class TellOrder(IPAddress address, int loops, ShipSession told)
{
    private readonly TaskCompletionSource<BytesInHand> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Dictionary<ulong, ToldSession>[] _told = MakeBooks(loops);
    private int _loopsLeft = loops;
    private readonly Lock _counting = new();
    private BytesInHand _waiting;
    private volatile bool _isClosed;

    public ImageClock BeganAt { get; } = ImageClock.Now;

    public LocalAddresses At { get; } = new([address]);

    public UInt128 Mapped { get; } = SockAddress.From(new IPEndPoint(address, 0)).Mapped;

    /// <summary>What <see cref="CountWaiting"/> added up.</summary>
    public Task<BytesInHand> Done => _done.Task;

    /// <summary>No more is told.</summary>
    public bool IsClosed => _isClosed;

    public void Close() => _isClosed = true;

    /// <param name="client">How far it had got before the image was made, likewise the server's side.</param>
    public void Tell(int loop, ulong session, in TcpStanding client, in TcpStanding server, ReadOnlyMemory<byte> image)
    {
        _told[loop][session] = new ToldSession(client, server, image);
        told(session, image);
    }

    /// <summary>Bytes in the hands of a session that was not told.</summary>
    public void CountWaiting(long bytes)
    {
        lock (_counting)
        {
            _waiting = new BytesInHand(_waiting.All + bytes, Math.Max(_waiting.Most, bytes));
        }
    }

    /// <summary>Null: nothing was told of it.</summary>
    public ToldSession? Of(int loop, ulong session) => _told[loop].TryGetValue(session, out ToldSession told) ? told : null;

    public void LoopIsThrough()
    {
        if (Interlocked.Decrement(ref _loopsLeft) == 0)
        {
            lock (_counting)
            {
                _done.TrySetResult(_waiting);
            }
        }
    }

    private static Dictionary<ulong, ToldSession>[] MakeBooks(int loops)
    {
        var books = new Dictionary<ulong, ToldSession>[loops];
        for (int i = 0; i < loops; i++) { books[i] = []; }
        return books;
    }
}

internal readonly record struct ToldSession(TcpStanding Client, TcpStanding Server, ReadOnlyMemory<byte> Image);
