using System.Runtime.InteropServices;

namespace ExchangeLb.Linux.Process;

/// <summary>
/// How a process in the background tells the one that started it that it serves: one byte down a pipe. An end of file without
/// the byte means that it ended before. Both ends close at exec, but <see cref="Spawn"/> hands on the one that it is told to.
/// </summary>
public static unsafe partial class ReadinessPipe
{
    private const int O_CLOEXEC = 0x80000;
    private const int EINTR = 4;

    /// <summary>pipe2(2). Null when descriptors have run out.</summary>
    public static (int ReadEnd, int WriteEnd)? Create()
    {
        int* ends = stackalloc int[2];
        return pipe2(ends, O_CLOEXEC) == 0 ? (ends[0], ends[1]) : null;
    }

    /// <summary>Tells the waiting process and closes <paramref name="writeEnd"/>. If it has gone meanwhile, nobody needs to know.</summary>
    public static void TellReady(int writeEnd)
    {
        byte ready = 1;
        while (write(writeEnd, &ready, 1) < 0 && Marshal.GetLastPInvokeError() == EINTR)
        {
        }
        Close(writeEnd);
    }

    /// <summary>Waits for the byte or for the end of file. True: the other side is ready. The wait ends at the latest when that process does.</summary>
    public static bool WaitReady(int readEnd)
    {
        byte ready;
        nint count;
        while ((count = read(readEnd, &ready, 1)) < 0 && Marshal.GetLastPInvokeError() == EINTR)
        {
        }
        return count == 1;
    }

    public static void Close(int descriptor) => _ = close(descriptor);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int pipe2(int* ends, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint read(int descriptor, byte* buffer, nuint count);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint write(int descriptor, byte* buffer, nuint count);

    [LibraryImport("libc")]
    private static partial int close(int descriptor);
}
