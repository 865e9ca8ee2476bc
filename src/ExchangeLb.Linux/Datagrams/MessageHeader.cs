using System.Runtime.InteropServices;

namespace ExchangeLb.Linux.Datagrams;

/// <summary>struct msghdr (sendmsg(2)), 64-bit.</summary>
[StructLayout(LayoutKind.Explicit, Size = 56)]
internal unsafe struct MessageHeader
{
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
}

/// <summary>struct cmsghdr (cmsg(3)), 64-bit, with two descriptors behind it.</summary>
[StructLayout(LayoutKind.Explicit, Size = 24)]
internal struct DescriptorPairHeader
{
    /// <summary>Without the padding: of the header and one descriptor it is 20.</summary>
    [FieldOffset(0)]
    public nuint Length;

    [FieldOffset(8)]
    public int Level;

    [FieldOffset(12)]
    public int Type;

    [FieldOffset(16)]
    public int First;

    [FieldOffset(20)]
    public int Second;
}
