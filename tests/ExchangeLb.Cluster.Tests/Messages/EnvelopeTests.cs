using System;
using ExchangeLb.Cluster.Messages;
using Xunit;

namespace ExchangeLb.Cluster.Tests.Messages;

public sealed class EnvelopeTests
{
    private readonly Envelope _envelope = new("exchange");

    [Fact]
    public void A_message_has_these_bytes()
    {
        byte[] message = Sealed();

        Assert.Equal("584C010179B03BD303000000", Convert.ToHexString(message, 0, 12));
        Assert.Equal("010203", Convert.ToHexString(message, 16, 3));
    }

    [Fact]
    public void What_was_sealed_is_opened()
    {
        OpenResult result = _envelope.Open(Sealed(), out MessageKind kind, out ReadOnlySpan<byte> body);

        Assert.Equal(OpenResult.Opened, result);
        Assert.Equal(MessageKind.Ownership, kind);
        Assert.Equal([1, 2, 3], body.ToArray());
    }

    [Fact]
    public void Each_changed_bit_is_noticed()
    {
        for (int bit = 0; bit < Sealed().Length * 8; bit++)
        {
            byte[] message = Sealed();
            message[bit / 8] ^= (byte)(1 << (bit % 8));

            Assert.NotEqual(OpenResult.Opened, _envelope.Open(message, out _, out _));
        }
    }

    [Fact]
    public void Each_cut_message_is_damaged()
    {
        for (int length = 0; length < Sealed().Length; length++)
        {
            Assert.Equal(OpenResult.Damaged, _envelope.Open(Sealed().AsSpan(0, length), out _, out _));
        }
    }

    [Fact]
    public void A_message_of_another_cluster_is_told_apart() =>
        Assert.Equal(OpenResult.OtherCluster, new Envelope("other").Open(Sealed(), out _, out _));

    [Fact]
    public void A_message_in_a_later_form_is_told_apart()
    {
        byte[] message = Sealed();
        message[2]++;

        Assert.Equal(OpenResult.LaterVersion, _envelope.Open(message, out _, out _));
    }

    private byte[] Sealed()
    {
        byte[] message = new byte[Envelope.HeaderBytes + 3];
        message[16] = 1;
        message[17] = 2;
        message[18] = 3;
        int length = _envelope.Seal(MessageKind.Ownership, message, 3);
        Assert.Equal(message.Length, length);
        return message;
    }
}
