using System;
using System.Runtime.InteropServices;
using System.Text;

namespace ExchangeLb.Linux.Corosync;

/// <summary>`struct cpg_address`: one process in a group (corosync/cpg.h).</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly struct CpgAddress(uint nodeId, uint pid, CpgReason reason)
{
    public readonly uint NodeId = nodeId;
    public readonly uint Pid = pid;

    /// <summary>Why it joined or left; undefined in a list of members.</summary>
    public readonly CpgReason Reason = reason;
}

/// <summary>`cpg_reason_t`.</summary>
public enum CpgReason : uint
{
    CPG_REASON_UNDEFINED = 0,
    CPG_REASON_JOIN = 1,
    CPG_REASON_LEAVE = 2,

    /// <summary>The node was lost: crash or partition.</summary>
    CPG_REASON_NODEDOWN = 3,
    CPG_REASON_NODEUP = 4,

    /// <summary>The process ended without leaving, or its node's Corosync was stopped in order.</summary>
    CPG_REASON_PROCDOWN = 5,
}

/// <summary>`struct cpg_ring_id` and `struct quorum_ring_id`, passed by value: names one configuration of the ring.</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct RingId(uint Node, ulong Sequence);

/// <summary>`struct cpg_name`: not ended by a null.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct CpgName
{
    public const int CPG_MAX_NAME_LENGTH = 128;

    public uint Length;
    public fixed byte Value[CPG_MAX_NAME_LENGTH];

    /// <exception cref="ArgumentException">More than 128 bytes of UTF-8.</exception>
    public static CpgName Of(string name)
    {
        CpgName result = default;
        if (!Encoding.UTF8.TryGetBytes(name, new Span<byte>(result.Value, CPG_MAX_NAME_LENGTH), out int length))
        {
            throw new ArgumentException($"a group's name has at most {CPG_MAX_NAME_LENGTH} bytes", nameof(name));
        }
        result.Length = (uint)length;
        return result;
    }
}

/// <summary>`cpg_model_v1_data_t`.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct CpgModelData
{
    public const int CPG_MODEL_V1 = 1;

    /// <summary>The ring that is there already is told of after the join.</summary>
    public const uint CPG_MODEL_V1_DELIVER_INITIAL_TOTEM_CONF = 1;

    public int Model;
    public delegate* unmanaged[Cdecl]<ulong, CpgName*, uint, uint, byte*, nuint, void> Deliver;
    public delegate* unmanaged[Cdecl]<ulong, CpgName*, CpgAddress*, nuint, CpgAddress*, nuint, CpgAddress*, nuint, void> ConfigurationChange;
    public delegate* unmanaged[Cdecl]<ulong, RingId, uint, uint*, void> TotemConfigurationChange;
    public uint Flags;
}

/// <summary>`quorum_model_v1_data_t`.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct QuorumModelData
{
    public const int QUORUM_MODEL_V1 = 1;

    public int Model;
    public delegate* unmanaged[Cdecl]<ulong, uint, RingId, uint, uint*, void> Quorum;

    /// <summary>May be null: not called then.</summary>
    public delegate* unmanaged[Cdecl]<ulong, RingId, uint, uint*, uint, uint*, uint, uint*, void> NodeList;
}
