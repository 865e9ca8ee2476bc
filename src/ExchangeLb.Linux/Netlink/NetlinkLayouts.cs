using System.Runtime.InteropServices;

namespace ExchangeLb.Linux.Netlink;

/// <summary>struct sockaddr_nl (netlink(7)).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NetlinkAddress
{
    public ushort Family;
    public ushort Padding;
    public uint PortId;
    public uint Groups;
}

/// <summary>struct nlmsghdr (netlink(7)).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NetlinkHeader
{
    public uint Length;
    public ushort Type;
    public ushort Flags;
    public uint Sequence;
    public uint PortId;
}

/// <summary>struct rtattr, the same as struct nlattr.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct AttributeHeader
{
    public ushort Length;
    public ushort Type;
}

/// <summary>struct ifaddrmsg (rtnetlink(7)).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct AddressMessage
{
    public byte Family;
    public byte PrefixLength;
    public byte Flags;
    public byte Scope;
    public uint Index;
}

/// <summary>struct ifa_cacheinfo: life times in seconds, stamps in hundredths.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct AddressLife
{
    public uint PreferredSeconds;
    public uint ValidSeconds;
    public uint Created;
    public uint Updated;
}

/// <summary>struct ifinfomsg (rtnetlink(7)).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct LinkMessage
{
    public byte Family;
    public byte Padding;
    public ushort HardwareType;
    public int Index;
    public uint Flags;
    public uint Change;
}

/// <summary>struct rtmsg (rtnetlink(7)).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct RouteMessage
{
    internal const byte RT_TABLE_LOCAL = 255;
    internal const byte RTPROT_KERNEL = 2;
    internal const byte RTN_LOCAL = 2;

    public byte Family;
    public byte DestinationLength;
    public byte SourceLength;
    public byte TypeOfService;
    public byte Table;
    public byte Protocol;
    public byte Scope;
    public byte Type;
    public uint Flags;
}

/// <summary>struct ndmsg (rtnetlink(7)).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NeighbourMessage
{
    public byte Family;
    public byte Padding1;
    public ushort Padding2;
    public int Index;
    public ushort State;
    public byte Flags;
    public byte Type;
}

/// <summary>struct nfgenmsg (linux/netfilter/nfnetlink.h).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NetfilterMessage
{
    public byte Family;
    public byte Version;
    public ushort ResourceId;
}
