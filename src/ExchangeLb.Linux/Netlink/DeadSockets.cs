using System;
using System.Collections.Generic;
using System.Net;
using System.Runtime.InteropServices;
using ExchangeLb.Linux.Calls;

namespace ExchangeLb.Linux.Netlink;

/// <summary>
/// Ends TCP sockets of an address by sock_diag(7), SOCK_DESTROY. A process that is killed leaves the kernel to say goodbye for it, which it tries for
/// minutes where no answer comes; until then nobody else can have a socket of the same two ends.
/// </summary>
public static class DeadSockets
{
    private const int NETLINK_SOCK_DIAG = 4;
    private const ushort SOCK_DIAG_BY_FAMILY = 20;
    private const ushort SOCK_DESTROY = 21;
    private const byte AF_INET = 2;
    private const byte AF_INET6 = 10;
    private const byte IPPROTO_TCP = 6;
    private const int TCP_LISTEN = 10;
    private const uint AllButListeners = ~(1u << TCP_LISTEN);

    /// <summary>
    /// Ends all with this local address but listeners, whoever has them. A connected one sends an RST, so the address's packets are to be kept
    /// back meanwhile. With CAP_NET_ADMIN, and a kernel that was built with INET_DIAG_DESTROY; else none is ended.
    /// </summary>
    /// <returns>How many.</returns>
    public static int EndAll(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        using NetlinkSocket? socket = NetlinkSocket.TryOpen(NETLINK_SOCK_DIAG, out _);
        if (socket is null)
        {
            return 0;
        }
        UInt128 wanted = IpNumber(address);
        int ended = 0;
        uint sequence = 0;
        foreach (byte family in (byte[])[AF_INET, AF_INET6])    // an IPv6 socket may have an IPv4 address
        {
            foreach (SocketEnds ends in Find(socket, family, wanted, ++sequence))
            {
                ended += End(socket, family, ends, ++sequence) ? 1 : 0;
            }
        }
        return ended;
    }

    private static List<SocketEnds> Find(NetlinkSocket socket, byte family, UInt128 address, uint sequence)
    {
        List<SocketEnds> found = [];
        Ask(socket, SOCK_DIAG_BY_FAMILY, NetlinkFlags.NLM_F_DUMP, new SocketRequest { Family = family, Protocol = IPPROTO_TCP, States = AllButListeners }, sequence, (in NetlinkReader reader) =>
        {
            if (reader.TryFixed(out SocketMessage message, out _) && Mapped(family, message.Ends.Source) == address)
            {
                found.Add(message.Ends);
            }
        });
        return found;
    }

    private static bool End(NetlinkSocket socket, byte family, in SocketEnds ends, uint sequence) =>
        Ask(socket, SOCK_DESTROY, NetlinkFlags.NLM_F_ACK, new SocketRequest { Family = family, Protocol = IPPROTO_TCP, States = AllButListeners, Ends = ends }, sequence, null);

    private delegate void Reading(in NetlinkReader message);

    private static bool Ask(NetlinkSocket socket, ushort type, NetlinkFlags flags, in SocketRequest request, uint sequence, Reading? reading)
    {
        NetlinkWriter writer = new(stackalloc byte[128], type, NetlinkFlags.NLM_F_REQUEST | flags, sequence);
        writer.Put(request);
        SysResult result = socket.Send(writer.End());
        byte[] answer = new byte[32 * 1024];
        while (result.Ok)
        {
            result = socket.Receive(answer, wait: true);
            if (result.Failed && result.Error != Errno.EINTR)
            {
                return false;
            }
            NetlinkReader reader = new(answer.AsSpan(0, Math.Max(0, result.Count)));
            while (reader.Next())
            {
                if (reader.Header.Sequence != sequence)
                {
                    continue;
                }
                switch (reader.Header.Type)
                {
                    case NetlinkReader.NLMSG_ERROR: return MemoryMarshal.Read<int>(reader.Body) == 0;
                    case NetlinkReader.NLMSG_DONE: return true;
                    default: reading?.Invoke(reader); break;
                }
            }
        }
        return false;
    }

    private static UInt128 IpNumber(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.MapToIPv6().TryWriteBytes(bytes, out _);
        return MemoryMarshal.Read<UInt128>(bytes);
    }

    private static UInt128 Mapped(byte family, UInt128 source)
    {
        Span<byte> bytes = stackalloc byte[16];
        MemoryMarshal.Write(bytes, in source);
        return family == AF_INET6 ? source : IpNumber(new IPAddress(bytes[..4]));
    }

    /// <summary>struct inet_diag_sockid (linux/inet_diag.h).</summary>
    [StructLayout(LayoutKind.Sequential, Pack = 4)]
    private struct SocketEnds
    {
        public ushort SourcePort;
        public ushort DestinationPort;
        public UInt128 Source;
        public UInt128 Destination;
        public uint Interface;
        public ulong Cookie;
    }

    /// <summary>struct inet_diag_req_v2.</summary>
    [StructLayout(LayoutKind.Sequential, Pack = 4)]
    private struct SocketRequest
    {
        public byte Family;
        public byte Protocol;
        public byte Extensions;
        public byte Padding;
        public uint States;
        public SocketEnds Ends;
    }

    /// <summary>struct inet_diag_msg.</summary>
    [StructLayout(LayoutKind.Sequential, Pack = 4)]
    private struct SocketMessage
    {
        public byte Family;
        public byte State;
        public byte Timer;
        public byte Retransmissions;
        public SocketEnds Ends;
        public uint Expires;
        public uint ReceiveQueue;
        public uint WriteQueue;
        public uint User;
        public uint Inode;
    }
}
