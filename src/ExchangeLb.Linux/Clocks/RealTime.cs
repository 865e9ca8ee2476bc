using System.Runtime.InteropServices;
using ExchangeLb.Linux.Calls;

namespace ExchangeLb.Linux.Clocks;

/// <summary>Asks the kernel to favour this process. Refusals are answers, not failures: the program runs without, less evenly.</summary>
public static unsafe partial class RealTime
{
    private const int SCHED_RR = 2;
    private const int SCHED_RESET_ON_FORK = 0x40000000;

    /// <summary>
    /// The calling thread, and only it, becomes a real-time thread (sched_setscheduler(2)); what it starts does not inherit that. Needs
    /// CAP_SYS_NICE or a limit RTPRIO.
    /// </summary>
    /// <param name="priority">1..99.</param>
    /// <returns>EPERM where it is not allowed, also by a cgroup without real-time budget.</returns>
    public static SysResult RequestRoundRobin(int priority)
    {
        int parameter = priority;   // struct sched_param has this one field
        return sched_setscheduler(0, SCHED_RR | SCHED_RESET_ON_FORK, &parameter) == 0
            ? SysResult.FromError(Errno.None)
            : SysResult.FromError((Errno)Marshal.GetLastPInvokeError());
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int sched_setscheduler(int thread, int policy, int* parameter);
}
