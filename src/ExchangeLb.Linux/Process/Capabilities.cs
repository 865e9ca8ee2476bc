using System;
using System.Runtime.InteropServices;

namespace ExchangeLb.Linux.Process;

/// <summary>What the calling thread may do beyond an ordinary user (capabilities(7)); bits as the kernel numbers them.</summary>
[Flags]
public enum Capability : ulong
{
    None = 0,
    CAP_NET_BIND_SERVICE = 1UL << 10,
    CAP_NET_ADMIN = 1UL << 12,
    CAP_NET_RAW = 1UL << 13,
    CAP_IPC_LOCK = 1UL << 14,
    CAP_SYS_ADMIN = 1UL << 21,
    CAP_SYS_NICE = 1UL << 23,
}

/// <summary>struct __user_cap_header_struct (capget(2)).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct CapabilityHeader
{
    public uint Version;
    public int Pid;
}

/// <summary>struct __user_cap_data_struct: 32 bits of each set; version 3 takes two of them.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct CapabilityData
{
    public uint Effective;
    public uint Permitted;
    public uint Inheritable;
}

public static unsafe partial class Capabilities
{
    private const uint _LINUX_CAPABILITY_VERSION_3 = 0x20080522;

    /// <summary>Those in effect now, of all that the kernel knows.</summary>
    public static Capability Effective
    {
        get
        {
            CapabilityHeader header = new() { Version = _LINUX_CAPABILITY_VERSION_3 };
            CapabilityData* data = stackalloc CapabilityData[2];
            return capget(&header, data) == 0 ? (Capability)(data[0].Effective | ((ulong)data[1].Effective << 32)) : Capability.None;
        }
    }

    /// <summary>The names of those of <paramref name="wanted"/> that are missing, for a message.</summary>
    public static string Missing(Capability wanted)
    {
        Capability missing = wanted & ~Effective;
        return missing == Capability.None ? "" : missing.ToString();
    }

    [LibraryImport("libc")]
    private static partial int capget(CapabilityHeader* header, CapabilityData* data);
}
