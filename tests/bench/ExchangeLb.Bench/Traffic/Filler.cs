using System;
using System.Runtime.InteropServices;

namespace ExchangeLb.Bench.Traffic;

/// <summary>The content of every body: a fixed pattern by offset, repeated. One shared buffer that nobody writes to.</summary>
internal static unsafe class Filler
{
    /// <summary>The period; small enough to stay in the second-level cache.</summary>
    internal const int Length = 256 * 1024;

    internal static readonly byte* Bytes = Copy();

    /// <summary>A buffer of <see cref="Length"/> bytes with the pattern in it, never freed.</summary>
    internal static byte* Copy()
    {
        var bytes = (byte*)NativeMemory.AlignedAlloc(Length, 4096);
        for (var i = 0; i < Length; i++) { bytes[i] = (byte)(i * 131 + (i >> 8)); }
        return bytes;
    }

    /// <summary>True when these bytes are those that stand at <paramref name="offset"/> of the endless pattern.</summary>
    internal static bool Matches(ReadOnlySpan<byte> bytes, ulong offset)
    {
        while (!bytes.IsEmpty)
        {
            var position = (int)(offset % Length);
            var part = Math.Min(bytes.Length, Length - position);
            if (!bytes[..part].SequenceEqual(new ReadOnlySpan<byte>(Bytes + position, part))) { return false; }
            bytes = bytes[part..];
            offset += (ulong)part;
        }
        return true;
    }
}
