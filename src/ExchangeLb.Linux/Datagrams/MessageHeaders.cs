using System.Runtime.InteropServices;

namespace ExchangeLb.Linux.Datagrams;

/// <summary>struct iovec (readv(2)), 64-bit.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct IoVector
{
    public byte* Start;
    public nuint Length;
}

/// <summary>struct mmsghdr (sendmmsg(2)), 64-bit: a struct msghdr, padded to 56 bytes, and the count of bytes sent, padded to 64.</summary>
[StructLayout(LayoutKind.Explicit, Size = 64)]
internal unsafe struct MultiMessageHeader
{
    [FieldOffset(0)]
    public void* Name;

    [FieldOffset(8)]
    public uint NameLength;

    [FieldOffset(16)]
    public IoVector* Vectors;

    [FieldOffset(24)]
    public nuint VectorCount;

    [FieldOffset(32)]
    public void* Control;

    [FieldOffset(40)]
    public nuint ControlLength;

    [FieldOffset(48)]
    public int Flags;

    [FieldOffset(56)]
    public uint Sent;
}
