using System;
using System.Collections.Generic;
using System.Net;
using System.Runtime.InteropServices;
using System.Text;
using ExchangeLb.Linux.Calls;
using ExchangeLb.Linux.Frames;

namespace ExchangeLb.Linux.Netlink;

/// <summary>Addresses, links and neighbours by rtnetlink(7). Owner: one thread. A request may wait for others' work on the network configuration.</summary>
public sealed class RouteRequests : IDisposable
{
    private const ushort RTM_NEWADDR = 20;
    private const ushort RTM_DELADDR = 21;
    private const ushort RTM_GETADDR = 22;
    private const ushort RTM_NEWROUTE = 24;
    private const ushort RTM_DELROUTE = 25;
    private const ushort RTM_NEWNEIGH = 28;
    private const ushort RTM_GETNEIGH = 30;
    private const ushort IFA_ADDRESS = 1;
    private const ushort IFA_LOCAL = 2;
    private const ushort IFA_CACHEINFO = 6;
    private const ushort IFA_FLAGS = 8;
    private const uint IFA_F_NODAD = 0x02;
    private const ushort RTA_DST = 1;
    private const ushort RTA_OIF = 4;
    private const ushort RTA_PRIORITY = 6;
    private const ushort RTA_EXPIRES = 23;
    private const uint LocalMetric = 1024;   // the kernel's own has 0, is preferred, and stays another route
    private const ushort NDA_DST = 1;
    private const ushort NDA_LLADDR = 2;
    private const ushort NUD_KNOWN = 0x02 | 0x04 | 0x08 | 0x10 | 0x80;   // reachable, stale, delay, probe, permanent

    private readonly NetlinkSocket _socket;
    private readonly byte[] _answer = new byte[32 * 1024];   // the kernel fills at most that much of a dump into one datagram
    private uint _sequence;

    private RouteRequests(NetlinkSocket socket) => _socket = socket;

    public static RouteRequests? TryOpen(out SysResult result) =>
        NetlinkSocket.TryOpen(NetlinkSocket.NETLINK_ROUTE, out result) is { } socket ? new RouteRequests(socket) : null;

    /// <summary>
    /// Adds the address, or sets the life of one that is there; the kernel itself removes it when that is over. An IPv6 one is used at
    /// once (no duplicate address detection), and is deprecated: others of the host are preferred as source (RFC 6724, rule 3).
    /// </summary>
    /// <param name="validSeconds">1 and up.</param>
    public SysResult SetAddress(int link, IPAddress address, int prefixLength, int validSeconds)
    {
        bool v6 = address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6;
        NetlinkWriter writer = Writer(RTM_NEWADDR, NetlinkFlags.NLM_F_ACK | NetlinkFlags.NLM_F_CREATE | NetlinkFlags.NLM_F_REPLACE);
        PutAddress(ref writer, link, address, prefixLength);
        writer.Attribute(IFA_CACHEINFO, new AddressLife { ValidSeconds = (uint)validSeconds, PreferredSeconds = v6 ? 0 : (uint)validSeconds });
        if (v6)
        {
            writer.Attribute(IFA_FLAGS, IFA_F_NODAD);
        }
        return Ask(writer.End());
    }

    /// <summary>EADDRNOTAVAIL when it was not there, ENODEV without the device.</summary>
    public SysResult DeleteAddress(int link, IPAddress address, int prefixLength)
    {
        NetlinkWriter writer = Writer(RTM_DELADDR, NetlinkFlags.NLM_F_ACK);
        PutAddress(ref writer, link, address, prefixLength);
        return Ask(writer.End());
    }

    /// <summary>
    /// Delivers packets for an IPv6 address that was just added to this host at once, or lengthens the life of a route that does. The kernel makes its own
    /// in a work queue, after whatever else wants a processor and the lock of the network configuration (6 ms were seen beside six busy
    /// loops); until then it throws away what comes, though the address is there. An IPv4 address has its route when it is added.
    /// </summary>
    /// <param name="validSeconds">1 and up; the kernel itself removes it when that is over.</param>
    public SysResult SetLocalRoute(int link, IPAddress address, int validSeconds)
    {
        NetlinkWriter writer = Writer(RTM_NEWROUTE, NetlinkFlags.NLM_F_ACK | NetlinkFlags.NLM_F_CREATE);
        PutLocalRoute(ref writer, link, address);
        writer.Attribute(RTA_EXPIRES, (uint)validSeconds);
        SysResult result = Ask(writer.End());
        return result.Error == Errno.EEXIST ? SysResult.FromError(Errno.None) : result;   // it has the new life (fib6_add_rt2node)
    }

    /// <summary>ESRCH when it was not there.</summary>
    public SysResult DeleteLocalRoute(int link, IPAddress address)
    {
        NetlinkWriter writer = Writer(RTM_DELROUTE, NetlinkFlags.NLM_F_ACK);
        PutLocalRoute(ref writer, link, address);
        return Ask(writer.End());
    }

    /// <summary>Null: there is no device of this name.</summary>
    public LinkFacts? FindLink(string name)
    {
        NetlinkWriter writer = Writer(LinkFacts.RTM_GETLINK, 0);
        writer.Put(default(LinkMessage));
        writer.Attribute(LinkFacts.IFLA_IFNAME, Encoding.UTF8.GetBytes(name + '\0'));
        return AskForLink(writer.End());
    }

    /// <summary>Null: there is no device of this index.</summary>
    public LinkFacts? FindLink(int index)
    {
        NetlinkWriter writer = Writer(LinkFacts.RTM_GETLINK, 0);
        writer.Put(new LinkMessage { Index = index });
        return AskForLink(writer.End());
    }

    /// <summary>All addresses of the host, with the index of their device.</summary>
    public IReadOnlyList<(int Link, IPAddress Address, int PrefixLength)> Addresses()
    {
        List<(int, IPAddress, int)> all = [];
        NetlinkWriter writer = Writer(RTM_GETADDR, NetlinkFlags.NLM_F_DUMP);
        writer.Put(default(AddressMessage));
        Ask(writer.End(), (ref NetlinkReader message) =>
        {
            if (message.Header.Type == RTM_NEWADDR && RouteMonitor.TryReadAddress(message, out int link, out IPAddress? address, out int length))
            {
                all.Add((link, address!, length));
            }
        });
        return all;
    }

    /// <summary>The hardware address that the kernel knows for a neighbour; null: none.</summary>
    public MacAddress? FindNeighbour(int link, IPAddress address)
    {
        NetlinkWriter writer = Writer(RTM_GETNEIGH, NetlinkFlags.NLM_F_DUMP);   // a dump: asking for one needs 5.0
        writer.Put(new NeighbourMessage { Family = Family(address), Index = link });
        MacAddress? found = null;
        byte[] wanted = address.GetAddressBytes();
        Ask(writer.End(), (ref NetlinkReader message) =>
        {
            if (message.Header.Type != RTM_NEWNEIGH || !message.TryFixed(out NeighbourMessage neighbour, out AttributeReader attributes)
                || neighbour.Index != link || (neighbour.State & NUD_KNOWN) == 0)
            {
                return;
            }
            bool same = false;
            MacAddress? mac = null;
            while (attributes.Next())
            {
                same |= attributes.Type == NDA_DST && attributes.Value.SequenceEqual(wanted);
                mac = attributes.Type == NDA_LLADDR && attributes.Value.Length == MacAddress.Length ? MacAddress.Read(attributes.Value) : mac;
            }
            found = same && mac is not null ? mac : found;
        });
        return found;
    }

    public void Dispose() => _socket.Dispose();

    private LinkFacts? AskForLink(ReadOnlySpan<byte> request)
    {
        LinkFacts? found = null;
        Ask(request, (ref NetlinkReader message) =>
        {
            if (message.Header.Type == LinkFacts.RTM_NEWLINK && message.TryFixed(out LinkMessage link, out AttributeReader attributes))
            {
                found = LinkFacts.From(link, attributes);
            }
        });
        return found;
    }

    private static byte Family(IPAddress address) => address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? (byte)2 : (byte)10;

    private static void PutAddress(ref NetlinkWriter writer, int link, IPAddress address, int prefixLength)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out int length);
        writer.Put(new AddressMessage { Family = Family(address), PrefixLength = (byte)prefixLength, Index = (uint)link });
        writer.Attribute(IFA_LOCAL, bytes[..length]);
        writer.Attribute(IFA_ADDRESS, bytes[..length]);
    }

    private static void PutLocalRoute(ref NetlinkWriter writer, int link, IPAddress address)
    {
        writer.Put(new RouteMessage
        {
            Family = Family(address),
            DestinationLength = 128,
            Table = RouteMessage.RT_TABLE_LOCAL,
            Protocol = RouteMessage.RTPROT_KERNEL,   // as the kernel's own: what manages networks leaves those alone
            Type = RouteMessage.RTN_LOCAL,
        });
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out int length);
        writer.Attribute(RTA_DST, bytes[..length]);
        writer.Attribute(RTA_OIF, link);
        writer.Attribute(RTA_PRIORITY, LocalMetric);
    }

    private NetlinkWriter Writer(ushort type, NetlinkFlags flags) => new(new byte[256], type, NetlinkFlags.NLM_F_REQUEST | flags, ++_sequence);

    private delegate void Reading(ref NetlinkReader message);

    /// <summary>Sends, and reads until the kernel says that this was all. Answers to an earlier request that was given up are left.</summary>
    private SysResult Ask(ReadOnlySpan<byte> request, Reading? reading = null)
    {
        NetlinkHeader header = MemoryMarshal.Read<NetlinkHeader>(request);
        bool single = ((NetlinkFlags)header.Flags & (NetlinkFlags.NLM_F_DUMP | NetlinkFlags.NLM_F_ACK)) == 0;
        SysResult sent = _socket.Send(request);
        while (sent.Ok)
        {
            SysResult received = _socket.Receive(_answer, wait: true);
            if (received.Failed && received.Error != Errno.EINTR)
            {
                return received;
            }
            NetlinkReader reader = new(_answer.AsSpan(0, Math.Max(0, received.Count)));
            while (reader.Next())
            {
                if (reader.Header.Sequence != header.Sequence) { continue; }
                switch (reader.Header.Type)
                {
                    case NetlinkReader.NLMSG_ERROR: return SysResult.FromError((Errno)(-MemoryMarshal.Read<int>(reader.Body)));
                    case NetlinkReader.NLMSG_DONE: return SysResult.FromError(Errno.None);
                    default: reading?.Invoke(ref reader); break;
                }
                if (single) { return SysResult.FromError(Errno.None); }
            }
        }
        return sent;
    }
}
