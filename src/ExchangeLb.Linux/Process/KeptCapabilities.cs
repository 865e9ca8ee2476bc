using System.Runtime.InteropServices;
using ExchangeLb.Linux.Calls;

namespace ExchangeLb.Linux.Process;

/// <summary>
/// Some of root's capabilities beyond the loss of root: (1) <see cref="Announce"/>, (2) <see cref="Privileges.Become"/>, (3) <see cref="Take"/>, all on
/// one thread. Capabilities belong to a thread: those that this thread starts afterwards inherit them, those that exist already lose theirs.
/// </summary>
public static unsafe partial class KeptCapabilities
{
    private const int PR_SET_KEEPCAPS = 8;
    private const int PR_CAP_AMBIENT = 47;
    private const int PR_CAP_AMBIENT_RAISE = 2;
    private const nint SYS_capset = 126;
    private const uint LINUX_CAPABILITY_VERSION_3 = 0x20080522;

    /// <summary>What a node of a cluster needs after its start: leases and addresses, raw frames, new listeners below port 1024 after a reload.</summary>
    public const Capability ForCluster = Capability.CAP_NET_ADMIN | Capability.CAP_NET_RAW | Capability.CAP_NET_BIND_SERVICE;

    /// <summary>The permitted set outlives the change of user.</summary>
    public static SysResult Announce() => SysResult.Of(prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0));

    /// <summary>These and no others are effective from now on, here and in programs that this thread starts (ambient set).</summary>
    public static SysResult Take(Capability kept)
    {
        CapabilityHeader header = new() { Version = LINUX_CAPABILITY_VERSION_3 };
        CapabilityData* data = stackalloc CapabilityData[2];
        for (int half = 0; half < 2; half++)
        {
            uint bits = (uint)((ulong)kept >> (32 * half));
            data[half] = new CapabilityData { Effective = bits, Permitted = bits, Inheritable = bits };
        }
        var set = SysResult.Of(syscall(SYS_capset, &header, data));
        for (int number = 0; number < 64 && set.Ok; number++)
        {
            if (((ulong)kept >> number & 1) != 0)
            {
                set = SysResult.Of(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, (nuint)number, 0, 0));
            }
        }
        return set;
    }

    [LibraryImport("libc")]
    private static partial int prctl(int option, nuint first, nuint second, nuint third, nuint fourth);

    [LibraryImport("libc")]
    private static partial nint syscall(nint number, CapabilityHeader* header, CapabilityData* data);
}
