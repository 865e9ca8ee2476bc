using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ExchangeLb.Linux.Datagrams;
using ExchangeLb.Linux.Polling;
using ExchangeLb.Linux.Sockets;
using Xunit;

namespace ExchangeLb.Linux.Tests.Layouts;

/// <summary>Sizes and offsets of what is shared with the kernel, on 64-bit Linux, as its headers and man pages give them.</summary>
public sealed class KernelLayoutTests
{
    [Fact]
    public void Epoll_event_is_packed_on_x86_64()
    {
        // epoll_ctl(2); sys/epoll.h: __EPOLL_PACKED, 12 bytes on x86-64. Elsewhere 16: then the 64-bit data is aligned.
        Assert.Equal(12, Unsafe.SizeOf<EpollEvent>());
        AssertOffsets<EpollEvent>(("Bits", 0), ("Data", 4));
    }

    [Fact]
    public void Socket_address_has_room_for_IPv6()
    {
        // ip(7): sockaddr_in is 16 bytes; ipv6(7): sockaddr_in6 is 28.
        Assert.Equal(28, Unsafe.SizeOf<SockAddress>());
        AssertOffsets<SockAddress>(("_family", 0), ("_portBigEndian", 2), ("_rest", 4));
    }

    [Fact]
    public void Io_vector_is_pointer_and_length()
    {
        // readv(2).
        Assert.Equal(16, Unsafe.SizeOf<IoVector>());
        AssertOffsets<IoVector>(("Start", 0), ("Length", 8));
    }

    [Fact]
    public void Message_headers_follow_each_other_at_64_bytes()
    {
        // sendmsg(2): struct msghdr is 56 bytes, the last 4 of them padding; sendmmsg(2): msg_len comes behind it, padded to 64.
        Assert.Equal(64, Unsafe.SizeOf<MultiMessageHeader>());
        AssertOffsets<MultiMessageHeader>(
            ("Name", 0), ("NameLength", 8), ("Vectors", 16), ("VectorCount", 24), ("Control", 32), ("ControlLength", 40), ("Flags", 48), ("Sent", 56));
    }

    [Fact]
    public void A_message_header_is_56_bytes_and_that_of_two_descriptors_24()
    {
        // sendmsg(2); cmsg(3): CMSG_LEN(2 * sizeof(int)).
        Assert.Equal(56, Unsafe.SizeOf<MessageHeader>());
        AssertOffsets<MessageHeader>(("Vectors", 16), ("VectorCount", 24), ("Control", 32), ("ControlLength", 40), ("Flags", 48));
        Assert.Equal(24, Unsafe.SizeOf<DescriptorPairHeader>());
        AssertOffsets<DescriptorPairHeader>(("Length", 0), ("Level", 8), ("Type", 12), ("First", 16), ("Second", 20));
    }

    private static void AssertOffsets<T>(params (string Field, int Offset)[] expected)
    {
        foreach ((string field, int offset) in expected)
        {
            Assert.Equal((field, offset), (field, (int)Marshal.OffsetOf<T>(field)));
        }
    }
}
