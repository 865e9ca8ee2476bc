using System;

namespace ExchangeLb.Core.Stick;

/// <summary>
/// One entry in memory: 64 bytes without references, so that the collector neither scans nor moves it. Links are slot indexes, or
/// <see cref="ExpiryOrder"/>'s bucket ends.
/// </summary>
internal struct StickSlot
{
    public ulong KeyHigh;
    public ulong KeyLow;
    public long ExpiresMs;

    /// <summary>The expiry that the sink was last told of.</summary>
    public long AnnouncedMs;
    public ulong Sequence;
    public uint Epoch;
    public uint Writer;

    /// <summary>HAProxy's server id, 1 and up; 0: the slot is free; <see cref="StickUpdate.Cleared"/>: remembers that the key was cleared.</summary>
    public int ServerId;

    /// <summary>Next in the chain of one hash value, or next free slot; <see cref="StickSlots.None"/>: last.</summary>
    public int NextInChain;
    public int Earlier;
    public int Later;

    public readonly UInt128 Key => new(KeyHigh, KeyLow);

    public readonly StickVersion Version => new(Epoch, Sequence, Writer);
}
