using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ExchangeLb.Linux.Clocks;
using ExchangeLb.Linux.Frames;
using ExchangeLb.Linux.Netlink;
using ExchangeLb.Linux.Process;
using Xunit;

namespace ExchangeLb.Linux.Tests.Layouts;

/// <summary>Sizes and offsets of netlink, packet sockets, clocks and capabilities, as the kernel's headers give them.</summary>
public sealed class NetworkLayoutTests
{
    [Fact]
    public void Netlink_address_has_12_bytes()
    {
        Assert.Equal(12, Unsafe.SizeOf<NetlinkAddress>());   // struct sockaddr_nl, linux/netlink.h
        AssertOffsets<NetlinkAddress>(("Family", 0), ("PortId", 4), ("Groups", 8));
    }

    [Fact]
    public void Netlink_header_has_16_bytes()
    {
        Assert.Equal(16, Unsafe.SizeOf<NetlinkHeader>());   // struct nlmsghdr
        AssertOffsets<NetlinkHeader>(("Length", 0), ("Type", 4), ("Flags", 6), ("Sequence", 8), ("PortId", 12));
    }

    [Fact]
    public void Attribute_header_has_4_bytes()
    {
        Assert.Equal(4, Unsafe.SizeOf<AttributeHeader>());   // struct rtattr, linux/rtnetlink.h
        AssertOffsets<AttributeHeader>(("Length", 0), ("Type", 2));
    }

    [Fact]
    public void Address_message_has_8_bytes()
    {
        Assert.Equal(8, Unsafe.SizeOf<AddressMessage>());   // struct ifaddrmsg, linux/if_addr.h
        AssertOffsets<AddressMessage>(("Family", 0), ("PrefixLength", 1), ("Flags", 2), ("Scope", 3), ("Index", 4));
    }

    [Fact]
    public void Address_life_has_16_bytes()
    {
        Assert.Equal(16, Unsafe.SizeOf<AddressLife>());   // struct ifa_cacheinfo
        AssertOffsets<AddressLife>(("PreferredSeconds", 0), ("ValidSeconds", 4), ("Created", 8), ("Updated", 12));
    }

    [Fact]
    public void Link_message_has_16_bytes()
    {
        Assert.Equal(16, Unsafe.SizeOf<LinkMessage>());   // struct ifinfomsg
        AssertOffsets<LinkMessage>(("Family", 0), ("HardwareType", 2), ("Index", 4), ("Flags", 8), ("Change", 12));
    }

    [Fact]
    public void Neighbour_message_has_12_bytes()
    {
        Assert.Equal(12, Unsafe.SizeOf<NeighbourMessage>());   // struct ndmsg, linux/neighbour.h
        AssertOffsets<NeighbourMessage>(("Family", 0), ("Index", 4), ("State", 8), ("Flags", 10), ("Type", 11));
    }

    [Fact]
    public void Route_message_has_12_bytes()
    {
        Assert.Equal(12, Unsafe.SizeOf<RouteMessage>());   // struct rtmsg, linux/rtnetlink.h
        AssertOffsets<RouteMessage>(("Family", 0), ("DestinationLength", 1), ("Table", 4), ("Protocol", 5), ("Scope", 6), ("Type", 7), ("Flags", 8));
    }

    [Fact]
    public void Netfilter_message_has_4_bytes()
    {
        Assert.Equal(4, Unsafe.SizeOf<NetfilterMessage>());   // struct nfgenmsg, linux/netfilter/nfnetlink.h
        AssertOffsets<NetfilterMessage>(("Family", 0), ("Version", 1), ("ResourceId", 2));
    }

    [Fact]
    public void Link_layer_address_has_20_bytes()
    {
        // struct sockaddr_ll, linux/if_packet.h: its last field is eight bytes at 12, not aligned.
        Assert.Equal(20, Unsafe.SizeOf<LinkLayerAddress>());
        AssertOffsets<LinkLayerAddress>(("Family", 0), ("ProtocolBigEndian", 2), ("Index", 4), ("HardwareType", 8), ("PacketType", 10), ("AddressLength", 11), ("Address", 12));
    }

    [Fact]
    public void Filter_instruction_has_8_bytes_and_its_program_16()
    {
        Assert.Equal(8, Unsafe.SizeOf<FilterInstruction>());   // struct sock_filter, linux/filter.h
        Assert.Equal(16, Unsafe.SizeOf<FilterProgram>());      // struct sock_fprog: a pointer aligned to 8
        AssertOffsets<FilterProgram>(("Length", 0), ("Instructions", 8));
    }

    [Fact]
    public void Time_has_seconds_and_nanoseconds()
    {
        Assert.Equal(16, Unsafe.SizeOf<TimeSpec>());   // struct timespec, 64-bit
        AssertOffsets<TimeSpec>(("Seconds", 0), ("Nanoseconds", 8));
    }

    [Fact]
    public void Capabilities_come_in_words_of_32_bits()
    {
        Assert.Equal(8, Unsafe.SizeOf<CapabilityHeader>());   // linux/capability.h
        Assert.Equal(12, Unsafe.SizeOf<CapabilityData>());
        AssertOffsets<CapabilityData>(("Effective", 0), ("Permitted", 4), ("Inheritable", 8));
    }

    private static void AssertOffsets<T>(params (string Field, int Offset)[] expected)
    {
        foreach ((string field, int offset) in expected)
        {
            Assert.Equal((field, offset), (field, (int)Marshal.OffsetOf<T>(field)));
        }
    }
}
