using System.Runtime.InteropServices;

namespace ExchangeLb.Linux.Process;

/// <summary>RLIMIT_NOFILE of this process (getrlimit(2)); ulong.MaxValue is RLIM_INFINITY.</summary>
/// <remarks>The .NET runtime has already raised the soft limit to the hard one before Main.</remarks>
[StructLayout(LayoutKind.Sequential)]
public readonly partial record struct DescriptorLimit(ulong Soft, ulong Hard)
{
    private const int RLIMIT_NOFILE = 7;

    public static DescriptorLimit Read()
    {
        _ = getrlimit(RLIMIT_NOFILE, out DescriptorLimit limit); // cannot fail: known resource, valid address
        return limit;
    }

    /// <summary>Raises the limit to at least <paramref name="wanted"/>, the hard one too where that is needed and allowed; never lowers it.</summary>
    /// <returns>False when the kernel refused (no CAP_SYS_RESOURCE, or above fs.nr_open); then nothing has changed.</returns>
    public static bool TryRaise(ulong wanted)
    {
        DescriptorLimit now = Read();
        if (now.Soft >= wanted)
        {
            return true;
        }
        DescriptorLimit raised = new(wanted, wanted > now.Hard ? wanted : now.Hard);
        return setrlimit(RLIMIT_NOFILE, in raised) == 0;
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int getrlimit(int resource, out DescriptorLimit limit);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setrlimit(int resource, in DescriptorLimit limit);
}
