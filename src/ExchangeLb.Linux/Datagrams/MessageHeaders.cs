using System.Runtime.InteropServices;

namespace ExchangeLb.Linux.Datagrams;

/// <summary>struct iovec (readv(2)), 64-bit.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct IoVector
{
    public byte* Start;
    public nuint Length;
}

/// <summary>struct mmsghdr (sendmmsg(2)), 64-bit: a struct msghdr and the count of bytes sent.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct MultiMessageHeader
{
    public void* Name;
    public uint NameLength;
    public IoVector* Vectors;
    public nuint VectorCount;
    public void* Control;
    public nuint ControlLength;
    public int Flags;
    public uint Sent;
}
