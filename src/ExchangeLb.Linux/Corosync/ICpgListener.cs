using System;

namespace ExchangeLb.Linux.Corosync;

/// <summary>Hears what comes while <see cref="CpgConnection.Dispatch"/> runs, on its thread. The spans are valid during the call only.</summary>
public interface ICpgListener
{
    void Delivered(uint node, uint pid, ReadOnlySpan<byte> message);

    /// <param name="members">Those that are in the group now.</param>
    void MembersChanged(ReadOnlySpan<CpgAddress> members, ReadOnlySpan<CpgAddress> left, ReadOnlySpan<CpgAddress> joined);

    /// <summary>A new ring of nodes, whether in the group or not; measured: comes after the members' change that belongs to it.</summary>
    void RingChanged(RingId ring, ReadOnlySpan<uint> nodes);
}
