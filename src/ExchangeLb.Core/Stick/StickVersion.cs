using System;

namespace ExchangeLb.Core.Stick;

/// <summary>
/// Which of two writes to a key is the later one: that of the later owner, and of one owner's the one with the higher sequence.
/// Owners count epochs upwards; within an epoch there is one writer.
/// </summary>
public readonly record struct StickVersion(uint Epoch, ulong Sequence) : IComparable<StickVersion>
{
    public int CompareTo(StickVersion other) =>
        Epoch != other.Epoch ? Epoch.CompareTo(other.Epoch) : Sequence.CompareTo(other.Sequence);

    public static bool operator <(StickVersion left, StickVersion right) => left.CompareTo(right) < 0;

    public static bool operator >(StickVersion left, StickVersion right) => left.CompareTo(right) > 0;

    public static bool operator <=(StickVersion left, StickVersion right) => left.CompareTo(right) <= 0;

    public static bool operator >=(StickVersion left, StickVersion right) => left.CompareTo(right) >= 0;
}
