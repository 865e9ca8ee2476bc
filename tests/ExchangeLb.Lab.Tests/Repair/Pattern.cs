using System;

namespace ExchangeLb.Lab.Tests.Repair;

/// <summary>A stream in which every place has a value of its own, so that a byte that is missing, doubled or of another connection shows.</summary>
internal static class Pattern
{
    internal static byte At(int stream, long place)
    {
        ulong mixed = unchecked(((ulong)place + ((ulong)stream << 40)) * 0x9E37_79B9_7F4A_7C15UL);
        return (byte)(mixed >> 56);
    }

    internal static byte[] Bytes(int stream, int count, long from = 0)
    {
        var bytes = new byte[count];
        for (int i = 0; i < count; i++) { bytes[i] = At(stream, from + i); }
        return bytes;
    }

    internal static bool Matches(int stream, ReadOnlySpan<byte> bytes, long from)
    {
        for (int i = 0; i < bytes.Length; i++)
        {
            if (bytes[i] != At(stream, from + i)) { return false; }
        }
        return true;
    }
}
