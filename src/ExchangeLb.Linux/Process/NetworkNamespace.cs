using System.Runtime.InteropServices;
using ExchangeLb.Linux.Calls;

namespace ExchangeLb.Linux.Process;

/// <summary>Network namespaces belong to threads, and are inherited by the threads and processes that a thread starts (network_namespaces(7)).</summary>
public static partial class NetworkNamespace
{
    private const int CLONE_NEWNET = 0x40000000;
    private const int O_RDONLY = 0;
    private const int O_CLOEXEC = 0x80000;

    /// <summary>
    /// Moves the calling thread for good (setns(2)); needs CAP_SYS_ADMIN. Only for a thread of one's own, never for one of the pool.
    /// </summary>
    /// <param name="path">/run/netns/NAME, as `ip netns add NAME` makes it. (FileStream refuses such files.)</param>
    public static SysResult Enter(string path)
    {
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0) { return SysResult.FromError((Errno)Marshal.GetLastPInvokeError()); }
        SysResult entered = setns(fd, CLONE_NEWNET) == 0 ? default : SysResult.FromError((Errno)Marshal.GetLastPInvokeError());
        Descriptor.Close(fd);
        return entered;
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setns(int fd, int type);
}
