using System;
using System.Runtime.InteropServices;
using ExchangeLb.Linux.Calls;

namespace ExchangeLb.Linux.Process;

/// <summary>A process by descriptor (pidfd_open(2), Linux 5.3): it can't be mistaken for a later one of the same number.</summary>
public sealed partial class PidFd : IDisposable
{
    private const nint SYS_pidfd_send_signal = 424;
    private const nint SYS_pidfd_open = 434;
    private bool _disposed;

    private PidFd(int fd) => Fd = fd;

    /// <summary>Readable once the process has ended.</summary>
    public int Fd { get; }

    /// <summary>ESRCH: there is no such process; ENOSYS: the kernel is older.</summary>
    public static SysResult Open(int pid, out PidFd? process)
    {
        var opened = SysResult.Of(syscall(SYS_pidfd_open, pid, 0, 0, 0));
        process = opened.Ok ? new PidFd(opened.Count) : null;
        return opened;
    }

    public SysResult Send(Signal signal) => SysResult.Of(syscall(SYS_pidfd_send_signal, Fd, (nint)signal, 0, 0));

    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            Descriptor.Close(Fd);
        }
    }

    [LibraryImport("libc")]
    private static partial nint syscall(nint number, nint first, nint second, nint third, nint fourth);
}
