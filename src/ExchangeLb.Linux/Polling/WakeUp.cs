using System;
using ExchangeLb.Linux.Calls;

namespace ExchangeLb.Linux.Polling;

/// <summary>An eventfd(2) that ends another thread's wait.</summary>
public sealed unsafe class WakeUp : IDisposable
{
    private const int EFD_NONBLOCK = 0x800;
    private const int EFD_CLOEXEC = 0x80000;
    private bool _disposed;

    /// <exception cref="InvalidOperationException">No descriptor is left for it.</exception>
    public WakeUp()
    {
        var created = SysResult.Of(Libc.eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
        if (created.Failed)
        {
            throw new InvalidOperationException($"eventfd: {created.Describe()}");
        }
        Fd = created.Count;
    }

    /// <summary>Readable once <see cref="Signal"/> was called.</summary>
    public int Fd { get; }

    /// <summary>From any thread.</summary>
    public void Signal()
    {
        ulong one = 1;
        _ = Libc.write(Fd, &one, sizeof(ulong));    // EAGAIN: the counter is full, so it is readable anyway
    }

    /// <summary>By the waiting thread, before it looks at what it was woken for.</summary>
    public void Clear()
    {
        ulong count;
        _ = Libc.read(Fd, &count, sizeof(ulong));
    }

    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            Descriptor.Close(Fd);
        }
    }
}
