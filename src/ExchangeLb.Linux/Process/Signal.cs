using System.Runtime.InteropServices;

namespace ExchangeLb.Linux.Process;

/// <summary>Signal numbers of Linux (signal(7)), the same on all architectures that .NET runs on.</summary>
public enum Signal
{
    SIGHUP = 1,
    SIGINT = 2,
    SIGQUIT = 3,
    SIGKILL = 9,
    SIGUSR1 = 10,
    SIGUSR2 = 12,
    SIGTERM = 15,
}

public static partial class Signals
{
    /// <summary>kill(2). False: no such process, or not ours to signal.</summary>
    public static bool Send(int pid, Signal signal) => kill(pid, (int)signal) == 0;

    /// <summary>
    /// Ends this process by the signal itself, as programs without a handler do, so that a shell sees 128 + n and systemd a clean stop
    /// (systemd.service(5), SuccessExitStatus). Whatever should be closed in order has been closed before.
    /// </summary>
    public static void DieBy(Signal signal)
    {
        SignalAfterReset((int)signal);
        _ = kill(System.Environment.ProcessId, (int)signal);
        // kill(2): when the signal is for the sender itself and no other thread has it unblocked, it is delivered before kill returns;
        // here another thread may take it, so this thread must not run on into a different exit code.
        _ = pause();
    }

    private static void SignalAfterReset(int number) => _ = signal(number, SIG_DFL);

    private const nint SIG_DFL = 0;

    [LibraryImport("libc", SetLastError = true)]
    private static partial int kill(int pid, int signal);

    [LibraryImport("libc")]
    private static partial nint signal(int signal, nint handler);

    [LibraryImport("libc")]
    private static partial int pause();
}
