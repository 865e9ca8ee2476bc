using System;

namespace ExchangeLb.Linux.Calls;

/// <summary>Calls that work on any descriptor.</summary>
public static unsafe class Descriptor
{
    private const int F_GETFD = 1;
    private const int F_GETFL = 3;
    private const int F_SETFL = 4;
    private const int F_DUPFD_CLOEXEC = 1030;
    private const int O_NONBLOCK = 0x800;

    /// <summary>close(2). EINTR needs no repetition on Linux: the descriptor is gone.</summary>
    public static SysResult Close(int fd) => SysResult.Of(Libc.close(fd));

    public static bool IsOpen(int fd) => Libc.fcntl(fd, F_GETFD, 0) >= 0;

    /// <summary>Another number for the same open file, the lowest that is free; closed on exec.</summary>
    public static SysResult Duplicate(int fd) => SysResult.Of(Libc.fcntl(fd, F_DUPFD_CLOEXEC, 0));

    public static SysResult SetNonBlocking(int fd)
    {
        var flags = SysResult.Of(Libc.fcntl(fd, F_GETFL, 0));
        return flags.Failed ? flags : SysResult.Of(Libc.fcntl(fd, F_SETFL, (nint)flags.Value | O_NONBLOCK));
    }

    /// <summary>write(2) on a descriptor that may wait, such as a terminal.</summary>
    public static SysResult Write(int fd, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            nint written = Libc.write_blocking(fd, start, (nuint)bytes.Length);
            return written >= 0
                ? SysResult.Of(written)
                : SysResult.FromError((Errno)System.Runtime.InteropServices.Marshal.GetLastPInvokeError());
        }
    }
}
