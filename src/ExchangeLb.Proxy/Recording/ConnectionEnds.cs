using System;
using System.Buffers.Binary;
using System.Net;
using ExchangeLb.Linux.Repair;
using ExchangeLb.Linux.Sockets;

namespace ExchangeLb.Proxy.Recording;

/// <summary>Addresses and ports of one connection; IPv4 in its own form.</summary>
internal readonly record struct ConnectionEnds(SockAddress Local, SockAddress Remote)
{
    /// <summary>Bytes of two encoded ends, at most.</summary>
    public const int Limit = 38;

    /// <summary>What a segment that comes back is found by.</summary>
    public SegmentKey Key => new(Remote.Mapped, Remote.Port, Local.Port);

    public bool Equals(ConnectionEnds other) => Key == other.Key && Local.Mapped == other.Local.Mapped;

    public override int GetHashCode() => Key.GetHashCode();

    public static ConnectionEnds Of(TcpImage image) => new(image.Local, image.Remote);

    public static bool TryRead(ref ReadOnlySpan<byte> bytes, out ConnectionEnds ends)
    {
        bool read = TryReadEnd(ref bytes, out SockAddress local) & TryReadEnd(ref bytes, out SockAddress remote);
        ends = new ConnectionEnds(local, remote);
        return read && local.Family == remote.Family;
    }

    /// <returns>Bytes written.</returns>
    public int Write(Span<byte> target)
    {
        int length = WriteEnd(Local, target);
        return length + WriteEnd(Remote, target[length..]);
    }

    private static int WriteEnd(in SockAddress end, Span<byte> target)
    {
        bool v4 = end.Mapped >> 32 == 0xFFFF;
        target[0] = (byte)(v4 ? 4 : 6);
        int length = v4 ? 5 : 17;
        if (v4)
        {
            BinaryPrimitives.WriteUInt32BigEndian(target[1..], (uint)end.Mapped);
        }
        else
        {
            BinaryPrimitives.WriteUInt128BigEndian(target[1..], end.Mapped);
        }
        BinaryPrimitives.WriteUInt16BigEndian(target[length..], (ushort)end.Port);
        return length + sizeof(ushort);
    }

    private static bool TryReadEnd(ref ReadOnlySpan<byte> bytes, out SockAddress end)
    {
        end = default;
        int address = bytes is [4, ..] ? 4 : bytes is [6, ..] ? 16 : 0;
        int length = 1 + address + sizeof(ushort);
        if (address == 0 || bytes.Length < length)
        {
            return false;
        }
        end = SockAddress.From(new IPEndPoint(new IPAddress(bytes.Slice(1, address)), BinaryPrimitives.ReadUInt16BigEndian(bytes[(1 + address)..])));
        bytes = bytes[length..];
        return end.Port != 0;
    }
}

/// <summary>The other side's address and port, and our port: our address is the one that was taken over.</summary>
internal readonly record struct SegmentKey(UInt128 Remote, int RemotePort, int LocalPort);
