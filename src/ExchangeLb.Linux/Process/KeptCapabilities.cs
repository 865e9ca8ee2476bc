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

    /// <summary>The permitted set outlives the change of user.</summary>
    public static SysResult Announce() => SysResult.Of(prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0));

    /// <summary>These and no others are effective from now on, here and in programs that this thread starts (ambient set).</summary>
    public static SysResult Take(params Capability[] kept)
    {
        ulong mask = 0;
        foreach (Capability capability in kept)
        {
            mask |= 1ul << (int)capability;
        }
        var header = new CapabilityHeader { Version = LINUX_CAPABILITY_VERSION_3 };
        CapabilityData* data = stackalloc CapabilityData[2];
        data[0] = CapabilityData.Of((uint)mask);
        data[1] = CapabilityData.Of((uint)(mask >> 32));
        var set = SysResult.Of(syscall(SYS_capset, &header, data));
        foreach (Capability capability in kept)
        {
            if (set.Ok)
            {
                set = SysResult.Of(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, (nuint)capability, 0, 0));
            }
        }
        return set;
    }

    /// <summary>struct __user_cap_header_struct.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct CapabilityHeader
    {
        public uint Version;
        public int Pid;
    }

    /// <summary>struct __user_cap_data_struct.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct CapabilityData
    {
        public uint Effective;
        public uint Permitted;
        public uint Inheritable;

        public static CapabilityData Of(uint bits) => new() { Effective = bits, Permitted = bits, Inheritable = bits };
    }

    [LibraryImport("libc")]
    private static partial int prctl(int option, nuint first, nuint second, nuint third, nuint fourth);

    [LibraryImport("libc")]
    private static partial nint syscall(nint number, CapabilityHeader* header, CapabilityData* data);
}
