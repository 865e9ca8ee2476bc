using System;
using ExchangeLb.Linux.Calls;

namespace ExchangeLb.Linux.Datagrams;

/// <summary>Messages on a unix socket of type SEQPACKET or DGRAM that may carry two descriptors (SCM_RIGHTS, unix(7)). No call waits. Any thread.</summary>
public static unsafe class DescriptorMessage
{
    private const int SOL_SOCKET = 1;
    private const int SCM_RIGHTS = 1;
    private const int MSG_CTRUNC = 0x8;
    private const int MSG_TRUNC = 0x20;
    private const int MSG_DONTWAIT = 0x40;
    private const int MSG_NOSIGNAL = 0x4000;
    private const int MSG_CMSG_CLOEXEC = 0x40000000;

    /// <summary>The descriptors stay open here. EAGAIN: the other side is to read first; ETOOMANYREFS: as many as this user may have are under way.</summary>
    public static SysResult Send(int socket, ReadOnlySpan<byte> bytes, int first, int second)
    {
        DescriptorPairHeader pair = new()
        {
            Length = (nuint)sizeof(DescriptorPairHeader),
            Level = SOL_SOCKET,
            Type = SCM_RIGHTS,
            First = first,
            Second = second,
        };
        return Send(socket, bytes, &pair);
    }

    public static SysResult Send(int socket, ReadOnlySpan<byte> bytes) => Send(socket, bytes, null);

    /// <summary>
    /// One message: its bytes, 0 at the end of the line, EAGAIN, EMSGSIZE when it was longer than the buffer. Descriptors, closed on exec, are the
    /// caller's; -1 both when there are none, and also when this process may not have two more.
    /// </summary>
    public static SysResult Receive(int socket, Span<byte> buffer, out int first, out int second)
    {
        (first, second) = (-1, -1);
        DescriptorPairHeader pair = default;
        fixed (byte* start = buffer)
        {
            IoVector vector = new() { Start = start, Length = (nuint)buffer.Length };
            MessageHeader header = new() { Vectors = &vector, VectorCount = 1, Control = &pair, ControlLength = (nuint)sizeof(DescriptorPairHeader) };
            SysResult received = SysResult.Of(Libc.recvmsg(socket, &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC));
            if (received.Failed)
            {
                return received;
            }
            bool whole = Take(header, pair, out first, out second);
            if ((header.Flags & MSG_TRUNC) == 0)
            {
                return received;
            }
            if (whole)
            {
                Descriptor.Close(first);
                Descriptor.Close(second);
            }
            (first, second) = (-1, -1);
            return SysResult.FromError(Errno.EMSGSIZE);
        }
    }

    private static bool Take(in MessageHeader header, in DescriptorPairHeader pair, out int first, out int second)
    {
        (first, second) = (-1, -1);
        bool any = header.ControlLength > 0 && pair.Level == SOL_SOCKET && pair.Type == SCM_RIGHTS;
        if (any && pair.Length == (nuint)sizeof(DescriptorPairHeader) && (header.Flags & MSG_CTRUNC) == 0)
        {
            (first, second) = (pair.First, pair.Second);
            return true;
        }
        if (any && pair.Length >= (nuint)sizeof(DescriptorPairHeader) - sizeof(int))
        {
            Descriptor.Close(pair.First);       // what there was room for
        }
        if (any && pair.Length == (nuint)sizeof(DescriptorPairHeader))
        {
            Descriptor.Close(pair.Second);
        }
        return false;
    }

    private static SysResult Send(int socket, ReadOnlySpan<byte> bytes, DescriptorPairHeader* pair)
    {
        fixed (byte* start = bytes)
        {
            IoVector vector = new() { Start = start, Length = (nuint)bytes.Length };
            MessageHeader header = new()
            {
                Vectors = &vector,
                VectorCount = 1,
                Control = pair,
                ControlLength = pair is null ? 0 : (nuint)sizeof(DescriptorPairHeader),
            };
            return SysResult.Of(Libc.sendmsg(socket, &header, MSG_DONTWAIT | MSG_NOSIGNAL));
        }
    }
}
