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
    private readonly ConcurrentBag<(ulong Session, ReadOnlyMemory<byte> Image, ImageClock Made)> _given = [];

    private readonly ConcurrentQueue<(ulong Client, ReadOnlyMemory<byte> Image)> _last = [];

    /// <summary>All that was described or named, and how old the images are now, at most.</summary>
    public IReadOnlyList<GivenSession> Given
    {
        get
        {
            ImageClock now = ImageClock.Now;
            return [.. _given.Select(given => new GivenSession(given.Session, given.Image, given.Made.AgeAt(now)))];
        }
    }

    /// <summary>Once all sessions are shipped: where there are too few descriptors for all, the other node has them first.</summary>
    public void ShipLast(ulong client, ReadOnlyMemory<byte> image) => _last.Enqueue((client, image));

    public void Ship(ulong session, ReadOnlyMemory<byte> image)
    {
        _given.Add((session, image, _began));
        Interlocked.Increment(ref _shipped);
        Interlocked.Add(ref _bytes, image.Length);
        ship(session, image);
    }

    /// <param name="loop">Whose they are.</param>
    public void ShipAsTold(int loop, ReadOnlyMemory<ulong> sessions)
    {
        foreach (ulong session in sessions.Span)
        {
            _given.Add((session, told!.Of(loop, session)!.Value.Image, told.BeganAt));
        }
        Interlocked.Add(ref _shipped, sessions.Length);
        Interlocked.Add(ref _asTold, sessions.Length);
        asTold(sessions);
    }

    /// <summary>Somebody waits in the kernel's queue and can't be accepted.</summary>
    public void CountStuck() => Interlocked.Increment(ref _stuck);

    public void CountLeft() => Interlocked.Increment(ref _left);

    public void LoopIsThrough()
    {
        if (Interlocked.Decrement(ref _loopsLeft) == 0)
        {
            foreach ((ulong client, ReadOnlyMemory<byte> image) in _last)
            {
                Ship(client, image);
            }
            _done.TrySetResult(new FrozenSessions(_shipped, _left, Interlocked.Read(ref _bytes), _asTold, _stuck > 0));
        }
    }
}
