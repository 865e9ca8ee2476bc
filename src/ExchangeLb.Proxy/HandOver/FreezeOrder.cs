using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Threading;
using System.Threading.Tasks;
using ExchangeLb.Core.Runtime;
using ExchangeLb.Linux.Repair;
using ExchangeLb.Linux.Sockets;
using ExchangeLb.Proxy.Sessions;

namespace ExchangeLb.Proxy.HandOver;

/// <summary>All loops freeze the sessions of one address; the last one to be through says so. Shared by the loops.</summary>
/// <param name="told">What was told ahead; null: nothing was.</param>
/// <param name="waiting">The other node knows clients who wait in line.</param>
/// <param name="ship">See <see cref="IMovableSessions.FreezeAsync"/>, likewise the next.</param>
internal sealed class FreezeOrder(IPAddress address, int loops, TellOrder? told, bool waiting, ShipSession ship, Action<ReadOnlyMemory<ulong>> asTold)
{
    /// <summary>What follows is done on the last loop, not by the thread pool, which may have no processor now.</summary>
    private readonly TaskCompletionSource<FrozenSessions> _done = new();
    private int _loopsLeft = loops;
    private int _shipped;
    private int _left;
    private int _stuck;
    private int _tooLarge;
    private long _room = IMovableSessions.BytesMax;
    private int _asTold;
    private long _bytes;

    public LocalAddresses At { get; } = new([address]);

    public UInt128 Mapped { get; } = SockAddress.From(new IPEndPoint(address, 0)).Mapped;

    /// <summary>So often a loop accepts at a listener of all addresses before it freezes: those of another one may come for ever.</summary>
    private const int AcceptingTurns = 64;

    private readonly int[] _turns = new int[loops];

    /// <summary>Called by that loop's thread.</summary>
    public bool MayAccept(int loop) => _turns[loop]++ < AcceptingTurns;

    public Task<FrozenSessions> Done => _done.Task;

    public TellOrder? Told => told;

    public bool TakesWaiting => waiting;

    private readonly ImageClock _began = ImageClock.Now;
    private readonly ConcurrentBag<(ulong Session, ReadOnlyMemory<byte> Image, ImageClock Made, bool HadBytes)> _given = [];

    private readonly ConcurrentQueue<(ulong Client, ReadOnlyMemory<byte> Image)> _last = [];

    /// <summary>All that was described or named, and how old the images are now, at most.</summary>
    public IReadOnlyList<GivenSession> Given
    {
        get
        {
            ImageClock now = ImageClock.Now;
            return [.. _given.Select(given => new GivenSession(given.Session, given.Image, given.Made.AgeAt(now), given.HadBytes))];
        }
    }

    /// <summary>Once all sessions are shipped: where there are too few descriptors for all, the other node has them first.</summary>
    public void ShipLast(ulong client, ReadOnlyMemory<byte> image) => _last.Enqueue((client, image));

    /// <param name="without">The same without the bytes in its hands; null: they are few.</param>
    public void Ship(ulong session, ReadOnlyMemory<byte> image, ReadOnlyMemory<byte>? without = null)
    {
        _given.Add((session, without ?? image, _began, without is not null));
        Interlocked.Increment(ref _shipped);
        Interlocked.Add(ref _bytes, image.Length);
        ship(session, image);
    }

    /// <param name="loop">Whose they are.</param>
    public void ShipAsTold(int loop, ReadOnlyMemory<ulong> sessions)
    {
        foreach (ulong session in sessions.Span)
        {
            _given.Add((session, told!.Of(loop, session)!.Value.Image, told.BeganAt, false));
        }
        Interlocked.Add(ref _shipped, sessions.Length);
        Interlocked.Add(ref _asTold, sessions.Length);
        asTold(sessions);
    }

    /// <summary>Somebody waits in the kernel's queue and can't be accepted.</summary>
    public void CountStuck() => Interlocked.Increment(ref _stuck);

    /// <summary>Whether a session with so many bytes in its hands goes along, too. False: it is counted as left.</summary>
    public bool TakesRoom(long bytes)
    {
        long room = Interlocked.Read(ref _room);
        while (bytes <= IMovableSessions.SessionBytesMax && bytes <= room)
        {
            long before = Interlocked.CompareExchange(ref _room, room - bytes, room);
            if (before == room)
            {
                return true;
            }
            room = before;
        }
        Interlocked.Increment(ref _tooLarge);
        CountLeft();
        return false;
    }

    /// <summary>One that was to go along could not be described.</summary>
    public void GiveRoomBack(long bytes) => Interlocked.Add(ref _room, bytes);

    public void CountLeft() => Interlocked.Increment(ref _left);

    public void LoopIsThrough()
    {
        if (Interlocked.Decrement(ref _loopsLeft) == 0)
        {
            foreach ((ulong client, ReadOnlyMemory<byte> image) in _last)
            {
                Ship(client, image);
            }
            _done.TrySetResult(new FrozenSessions(_shipped, _left, Interlocked.Read(ref _bytes), _asTold, _stuck > 0, _tooLarge > 0));
        }
    }
}
