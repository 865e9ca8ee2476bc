using System;
using System.Net;
using ExchangeLb.Linux.Repair;
using ExchangeLb.Linux.Sockets;
using Xunit;

namespace ExchangeLb.Lab.Tests.Repair;

public sealed class CodecTests
{
    private static readonly ImageClock Now = new(TimeSpan.FromSeconds(5000), 1_700_000_000_000);

    [Fact]
    public void The_bytes_are_those_of_version_1()
    {
        TcpImage image = new()
        {
            Local = SockAddress.From(new IPEndPoint(IPAddress.Parse("192.0.2.1"), 443)),
            Remote = SockAddress.From(new IPEndPoint(IPAddress.Parse("198.51.100.7"), 50000)),
            Traits = TcpTraits.Timestamps | TcpTraits.SelectiveAck | TcpTraits.KeepAlive,
            SendUnacked = 0x01020304,
            ReceiveNext = 0x05060708,
            MaxSegment = 1460,
            SendScale = 7,
            ReceiveScale = 10,
            Window = new RepairWindow(0x11121314, 0x21222324, 0x31323334, 0x41424344, 0x51525354),
            Timestamp = 0x61626364,
            TakenAt = Now.Before(TimeSpan.FromMilliseconds(0x1234)),
            KeepAlive = new TcpKeepAlive(300, 30, 9),
            Received = [0xA1],
            Unacked = [0xB1, 0xB2],
            Unsent = [0xC1, 0xC2, 0xC3],
        };
        var bytes = new byte[TcpImageCodec.SizeOf(image)];

        int length = TcpImageCodec.Write(image, Now, bytes);

        Assert.Equal(bytes.Length, length);
        Assert.Equal(
            "0104" + "0085" + "7A" + "05B4" + "C0000201" + "01BB" + "C6336407" + "C350" + "01020304" + "05060708" + "61626364" + "00001234"
            + "11121314" + "21222324" + "31323334" + "41424344" + "51525354" + "012C" + "001E" + "09" + "00000001" + "00000002" + "00000003"
            + "A1" + "B1B2" + "C1C2C3",
            Convert.ToHexString(bytes));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void What_was_written_is_read_and_what_follows_is_left(int seed)
    {
        Random random = new(seed);
        for (int round = 0; round < 500; round++)
        {
            TcpImage image = RandomImage(random);
            var bytes = new byte[TcpImageCodec.SizeOf(image) + random.Next(10)];
            int written = TcpImageCodec.Write(image, Now, bytes);

            Assert.True(TcpImageCodec.TryRead(bytes, Now, out TcpImage? read, out int length), $"seed {seed} round {round}");

            Assert.Equal(written, length);
            Assert.InRange(written - image.Received.Length - image.Unacked.Length - image.Unsent.Length, 60, TcpImageCodec.HeadLimit);
            var again = new byte[written];
            TcpImageCodec.Write(read!, Now, again);
            Assert.Equal(bytes[..written], again);
            Assert.Equal((image.Local.ToString(), image.Remote.ToString(), image.Window, image.KeepAlive), (read!.Local.ToString(), read.Remote.ToString(), read.Window, read.KeepAlive));
        }
    }

    [Fact]
    public void Without_data_an_image_is_small()
    {
        TcpImage image = RandomImage(new Random(1), AddressKind.V4, maxData: 0);

        Assert.InRange(TcpImageCodec.SizeOf(image), 60, 80);
    }

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    public void What_is_cut_off_or_damaged_is_refused_or_read_and_never_throws(int seed)
    {
        Random random = new(seed);
        for (int round = 0; round < 100; round++)
        {
            TcpImage image = RandomImage(random);
            var bytes = new byte[TcpImageCodec.SizeOf(image)];
            TcpImageCodec.Write(image, Now, bytes);
            for (int length = 0; length < bytes.Length; length++)
            {
                Assert.False(TcpImageCodec.TryRead(bytes.AsSpan(0, length), Now, out _, out _), $"seed {seed} round {round} length {length}");
            }
            for (int damage = 0; damage < 200; damage++)
            {
                bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
                _ = TcpImageCodec.TryRead(bytes, Now, out _, out _);
            }
        }
    }

    [Theory]
    [InlineData(21)]
    [InlineData(22)]
    public void Random_bytes_never_throw(int seed)
    {
        Random random = new(seed);
        for (int round = 0; round < 20_000; round++)
        {
            var bytes = new byte[random.Next(200)];
            random.NextBytes(bytes);
            if (bytes.Length > 1) { (bytes[0], bytes[1]) = (1, (byte)random.Next(4, 7)); }
            if (TcpImageCodec.TryRead(bytes, Now, out TcpImage? image, out int length)) { Assert.True(image is not null && length <= bytes.Length); }
        }
    }

    private enum AddressKind
    {
        V4,
        V6,
    }

    private static TcpImage RandomImage(Random random) => RandomImage(random, (AddressKind)random.Next(2), maxData: 300);

    private static TcpImage RandomImage(Random random, AddressKind kind, int maxData)
    {
        TcpTraits end = random.Next(4) switch { 0 => TcpTraits.EndQueued, 1 => TcpTraits.EndSent, 2 => TcpTraits.EndAcknowledged, _ => TcpTraits.None };
        TcpTraits others = TcpTraits.Timestamps | TcpTraits.MicrosecondTimestamps | TcpTraits.SelectiveAck | TcpTraits.PeerEnded | TcpTraits.KeepAlive | TcpTraits.NoDelay;
        TcpTraits traits = end | ((TcpTraits)random.Next(0x200) & others);
        return new TcpImage
        {
            Local = Address(),
            Remote = Address(),
            Traits = traits,
            SendUnacked = Number(),
            ReceiveNext = Number(),
            MaxSegment = (ushort)random.Next(1, 65536),
            SendScale = (byte)random.Next(15),
            ReceiveScale = (byte)random.Next(15),
            Window = new RepairWindow(Number(), Number(), Number(), Number(), Number()),
            Timestamp = Number(),
            TakenAt = Now.Before(TimeSpan.FromMilliseconds(random.Next(100_000))),
            KeepAlive = (traits & TcpTraits.KeepAlive) == 0 ? default : new TcpKeepAlive((ushort)random.Next(1, 32768), (ushort)random.Next(1, 32768), (byte)random.Next(1, 128)),
            Received = Data(),
            Unacked = Data(),
            Unsent = Data(),
        };

        uint Number() => (uint)random.NextInt64(1L << 32);

        byte[] Data()
        {
            var data = new byte[random.Next(maxData + 1)];
            random.NextBytes(data);
            return data;
        }

        SockAddress Address()
        {
            var bytes = new byte[kind == AddressKind.V4 ? 4 : 16];
            random.NextBytes(bytes);
            return SockAddress.From(new IPEndPoint(new IPAddress(bytes), random.Next(1, 65536)));
        }
    }
}
