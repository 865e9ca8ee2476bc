using System;
using System.Net;
using System.Threading;
using System.Threading.Tasks;
using ExchangeLb.Core.Runtime;
using ExchangeLb.Linux.Sockets;
using ExchangeLb.Proxy.Sessions;

namespace ExchangeLb.Proxy.HandOver;

/// <summary>All loops freeze the sessions of one address; the last one to be through says so. Shared by the loops.</summary>
/// <param name="ship">See <see cref="IMovableSessions.FreezeAsync"/>.</param>
internal sealed class FreezeOrder(IPAddress address, int loops, Action<ReadOnlyMemory<byte>> ship)
{
    private readonly TaskCompletionSource<FrozenSessions> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _loopsLeft = loops;
    private int _shipped;
    private int _left;
    private long _bytes;

    public LocalAddresses At { get; } = new([address]);

    public UInt128 Mapped { get; } = SockAddress.From(new IPEndPoint(address, 0)).Mapped;

    public Task<FrozenSessions> Done => _done.Task;

    public void Ship(ReadOnlyMemory<byte> image)
    {
        Interlocked.Increment(ref _shipped);
        Interlocked.Add(ref _bytes, image.Length);
        ship(image);
    }

    public void CountLeft() => Interlocked.Increment(ref _left);

    public void LoopIsThrough()
    {
        if (Interlocked.Decrement(ref _loopsLeft) == 0)
        {
            _done.TrySetResult(new FrozenSessions(_shipped, _left, Interlocked.Read(ref _bytes)));
        }
    }
}
