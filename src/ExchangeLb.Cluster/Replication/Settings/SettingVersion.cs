using System;

namespace ExchangeLb.Cluster.Replication.Settings;

/// <summary>Which of two orders is the later one. No two orders have the same: a node counts on from the highest that it has seen.</summary>
internal readonly record struct SettingVersion(ulong Counter, uint Node) : IComparable<SettingVersion>
{
    public int CompareTo(SettingVersion other) => Counter != other.Counter ? Counter.CompareTo(other.Counter) : Node.CompareTo(other.Node);

    public static bool operator <(SettingVersion left, SettingVersion right) => left.CompareTo(right) < 0;

    public static bool operator >(SettingVersion left, SettingVersion right) => left.CompareTo(right) > 0;

    public static bool operator <=(SettingVersion left, SettingVersion right) => left.CompareTo(right) <= 0;

    public static bool operator >=(SettingVersion left, SettingVersion right) => left.CompareTo(right) >= 0;
}
