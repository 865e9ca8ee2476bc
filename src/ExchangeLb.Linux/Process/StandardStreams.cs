using System.Runtime.InteropServices;

namespace ExchangeLb.Linux.Process;

/// <summary>Descriptors 0, 1 and 2.</summary>
public static partial class StandardStreams
{
    private const int O_RDWR = 2;
    private const int O_CLOEXEC = 0x80000;

    /// <summary>
    /// Lets go of terminal and pipes that they were connected to; the numbers stay taken, so that no socket gets one of them and is
    /// written messages into. Without /dev/null (a bare chroot) they stay as they are.
    /// </summary>
    public static void ToDevNull()
    {
        int sink = open("/dev/null", O_RDWR | O_CLOEXEC);
        if (sink < 0)
        {
            return;
        }
        for (int stream = 0; stream <= 2; stream++)
        {
            _ = dup2(sink, stream); // without FD_CLOEXEC, unlike the original
        }
        ReadinessPipe.Close(sink);
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc")]
    private static partial int dup2(int from, int to);
}
