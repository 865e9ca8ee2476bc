using System;
using ExchangeLb.Linux.Netlink;
using Xunit;

namespace ExchangeLb.Linux.Tests.Netlink;

public sealed class NetlinkReaderTests
{
    [Fact]
    public void A_message_is_read_as_it_was_written()
    {
        NetlinkWriter writer = new(new byte[256], 20, NetlinkFlags.NLM_F_REQUEST | NetlinkFlags.NLM_F_ACK, 7);
        writer.Put(new AddressMessage { Family = 2, PrefixLength = 24, Index = 3 });
        writer.Attribute(2, [10, 0, 0, 1]);
        writer.Attribute(3, "eth0\0"u8);
        writer.Attribute(8, 0x1234u);
        ReadOnlySpan<byte> message = writer.End();

        NetlinkReader reader = new(message);

        Assert.True(reader.Next());
        Assert.Equal((20, 5, 7u), (reader.Header.Type, reader.Header.Flags, reader.Header.Sequence));
        Assert.True(reader.TryFixed(out AddressMessage fixedPart, out AttributeReader attributes));
        Assert.Equal((24, 3u), (fixedPart.PrefixLength, fixedPart.Index));
        Assert.True(attributes.Next());
        Assert.Equal((2, "0A000001"), (attributes.Type, Convert.ToHexString(attributes.Value)));
        Assert.True(attributes.Next());
        Assert.Equal((3, "eth0"), (attributes.Type, attributes.Text));
        Assert.True(attributes.Next());
        Assert.Equal((8, 0x1234u), (attributes.Type, attributes.Number));
        Assert.False(attributes.Next());
        Assert.False(reader.Next());
    }

    [Fact]
    public void Whatever_a_datagram_holds_the_walk_ends()
    {
        int seed = Environment.TickCount;
        Random random = new(seed);
        byte[] datagram = new byte[200];
        for (int i = 0; i < 20_000; i++)
        {
            random.NextBytes(datagram);
            datagram.AsSpan(1, 3).Clear();   // a length that may be true
            int steps = 0;
            for (NetlinkReader reader = new(datagram.AsSpan(0, random.Next(datagram.Length))); reader.Next(); steps++)
            {
                if (!reader.TryFixed(out LinkMessage _, out AttributeReader attributes)) { continue; }
                while (attributes.Next()) { steps++; }
            }
            Assert.True(steps < 200, $"seed {seed}");
        }
    }
}
