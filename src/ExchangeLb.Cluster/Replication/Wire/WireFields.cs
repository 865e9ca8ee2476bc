using System;
using System.Text.Unicode;
using ExchangeLb.Cluster.Messages;
using ExchangeLb.Core.Stick;

namespace ExchangeLb.Cluster.Replication.Wire;

/// <summary>Fields of replication's messages. What is out of bounds makes the reader <see cref="BodyReader.Failed"/>.</summary>
internal static class WireFields
{
    /// <summary>Longest name of a table, backend or server: 255 characters of configuration.</summary>
    public const int NameMaxBytes = 1020;

    /// <summary>A number that is counted up, so below 2^63 unless somebody errs.</summary>
    public static ulong Counter(this scoped ref BodyReader reader)
    {
        ulong value = reader.UInt64();
        reader.Require(value <= long.MaxValue);
        return value;
    }

    /// <summary>A flag that means nothing else in any form.</summary>
    public static bool ZeroOrOne(this scoped ref BodyReader reader)
    {
        byte value = reader.Byte();
        reader.Require(value <= 1);
        return value == 1;
    }

    public static uint Node(this scoped ref BodyReader reader)
    {
        uint value = reader.UInt32();
        reader.Require(value > 0);
        return value;
    }

    public static ReadOnlySpan<byte> Name(this scoped ref BodyReader reader)
    {
        ReadOnlySpan<byte> name = reader.OptionalName();
        reader.Require(name.Length > 0);
        return name;
    }

    public static ReadOnlySpan<byte> OptionalName(this scoped ref BodyReader reader)
    {
        int length = reader.UInt16();
        reader.Require(length <= NameMaxBytes);
        ReadOnlySpan<byte> name = reader.Take(length);
        reader.Require(Utf8.IsValid(name));
        return name;
    }

    public static StickVersion Version(this scoped ref BodyReader reader) => new(reader.UInt32(), reader.Counter(), reader.UInt32());
}
