using System.Runtime.InteropServices;
using ExchangeLb.Linux.Calls;

namespace ExchangeLb.Linux.Clocks;

/// <summary>Asks the kernel to favour this process. Refusals are answers, not failures: the program runs without, less evenly.</summary>
public static unsafe partial class RealTime
{
    private const int SCHED_OTHER = 0;
    private const int SCHED_RR = 2;
    private const int SCHED_RESET_ON_FORK = 0x40000000;

    /// <summary>
    /// One thread becomes a real-time thread (sched_setscheduler(2)); what it starts does not inherit that. Needs CAP_SYS_NICE or a limit RTPRIO.
    /// </summary>
    /// <param name="priority">1..99.</param>
    /// <param name="thread">As <see cref="CurrentThread"/> tells; 0: the calling one.</param>
    /// <returns>EPERM where it is not allowed, also by a cgroup without real-time budget; ESRCH: it has ended.</returns>
    public static SysResult RequestRoundRobin(int priority, int thread = 0) => Set(thread, SCHED_RR, priority);

    /// <summary>A thread is like all others again. Needs no privilege.</summary>
    /// <param name="thread">0: the calling one.</param>
    /// <returns>ESRCH: it has ended.</returns>
    public static SysResult GiveUp(int thread = 0) => Set(thread, SCHED_OTHER, priority: 0);

    /// <summary>The kernel's number of the calling thread (gettid(2)), good until it ends.</summary>
    public static int CurrentThread => Libc.gettid();

    /// <summary>With the flag always: only a privileged thread may take it back (sched(7)).</summary>
    private static SysResult Set(int thread, int policy, int priority)
    {
        int parameter = priority;   // struct sched_param has this one field
        return sched_setscheduler(thread, policy | SCHED_RESET_ON_FORK, &parameter) == 0
            ? SysResult.FromError(Errno.None)
            : SysResult.FromError((Errno)Marshal.GetLastPInvokeError());
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int sched_setscheduler(int thread, int policy, int* parameter);
}
