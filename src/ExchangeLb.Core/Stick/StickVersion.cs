using System;

namespace ExchangeLb.Core.Stick;

/// <summary>
/// Which of two writes to a key is the later one: that of the later owner, and of one owner's the one with the higher sequence. Two nodes
/// that write at once (each owns an address, or they could not hear each other) may choose the same pair: then the writer's number decides,
/// the same way everywhere.
/// </summary>
/// <param name="Epoch">Owners count it upwards.</param>
/// <param name="Sequence">Rises with each write of a node, over its restarts too.</param>
/// <param name="Writer">The node that wrote; 0: there is no cluster.</param>
public readonly record struct StickVersion(uint Epoch, ulong Sequence, uint Writer = 0) : IComparable<StickVersion>
{
    public int CompareTo(StickVersion other) =>
        Epoch != other.Epoch ? Epoch.CompareTo(other.Epoch)
        : Sequence != other.Sequence ? Sequence.CompareTo(other.Sequence)
        : Writer.CompareTo(other.Writer);

    public static bool operator <(StickVersion left, StickVersion right) => left.CompareTo(right) < 0;

    public static bool operator >(StickVersion left, StickVersion right) => left.CompareTo(right) > 0;

    public static bool operator <=(StickVersion left, StickVersion right) => left.CompareTo(right) <= 0;

    public static bool operator >=(StickVersion left, StickVersion right) => left.CompareTo(right) >= 0;
}
