using System;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Cluster.Moving;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Xunit;

namespace ExchangeLb.Cluster.Tests.Moving;

public sealed class MoveMessagesTests
{
    [Fact]
    public void A_refusal_has_these_bytes()
    {
        byte[] body = new byte[64];

        int written = MoveMessages.Write(
            body, new(MoveMessageType.Refused, 0x01020304, new NodeId(2), 0x1112131415161718, 0x21222324, 0x3132333435363738, MoveMessages.BytesOf("no")));

        Assert.Equal(
            "02030000" + "04030201" + "02000000" + "1817161514131211" + "24232221" + "3837363534333231" + "6E6F",
            Convert.ToHexString(body.AsSpan(0, written)));
    }

    [Fact]
    public void What_was_written_is_read()
    {
        byte[] body = new byte[64];
        int written = MoveMessages.Write(body, new(MoveMessageType.End, 7, new NodeId(3), 9, 11, 13, MoveMessages.BytesOf("über")));

        Assert.True(MoveMessages.TryRead(body.AsSpan(0, written), out MoveMessage read));

        Assert.Equal((MoveMessageType.End, 7u, new NodeId(3), 9ul, 11, 13L, "über"), (read.Type, read.Vip, read.To, read.Move, read.Count, read.Bytes, read.Text));
    }

    [Fact]
    public void A_room_that_is_too_small_is_not_written_to() =>
        Assert.Equal(0, MoveMessages.Write(new byte[MoveMessages.HeaderBytes], new(MoveMessageType.Go, 1, new NodeId(1), 1, Rest: "x"u8)));

    [Property]
    public void Damage_is_never_more_than_not_understood(byte[] body)
    {
        bool read = MoveMessages.TryRead(body, out MoveMessage message);

        Assert.True(!read || message.Text.Length <= MoveMessages.TextMaxBytes);
    }

    [Property]
    public Property A_stream_cut_anywhere_gives_its_images_again(byte[][] images, PositiveInt piece)
    {
        ImageQueue queue = new();
        foreach (byte[] image in images) { queue.Add(image); }
        ImageAssembler assembler = new();
        int at = 0;
        bool same = true;
        byte[] room = new byte[piece.Get];
        while (!queue.IsEmpty)
        {
            int length = queue.Peek(room);
            queue.Take(length);
            ReadOnlySpan<byte> rest = room.AsSpan(0, length);
            while (assembler.TryTake(ref rest, out ReadOnlySpan<byte> image)) { same &= image.SequenceEqual(images[at++]); }
        }

        return (same && at == images.Length && assembler.Position == queue.Length && !assembler.IsAmid).ToProperty();
    }

    [Fact]
    public void Entries_of_the_stream_have_these_bytes()
    {
        Assert.Equal("02" + "0807060504030201" + "AABB", Convert.ToHexString(Entry(MoveEntryKind.Told, 0x0102030405060708, [0xaa, 0xbb])));
        Assert.Equal("03" + "0100000000000000" + "0200000000000000", Convert.ToHexString(MoveEntry.AsTold([1, 2])));
    }

    [Fact]
    public void An_entry_is_read_as_it_was_written()
    {
        Assert.True(MoveEntry.TryRead(Entry(MoveEntryKind.Frozen, 7, "image"u8), out MoveEntryKind kind, out ulong session, out ReadOnlySpan<byte> image));
        Assert.Equal((MoveEntryKind.Frozen, 7ul, true), (kind, session, image.SequenceEqual("image"u8)));
        Assert.True(MoveEntry.TryRead(MoveEntry.AsTold([3, 5]), out kind, out _, out image));
        Assert.Equal((MoveEntryKind.AsTold, 3ul, 5ul), (kind, MoveEntry.Numbers(image)[0], MoveEntry.Numbers(image)[1]));
    }

    [Property]
    public void A_damaged_entry_is_never_more_than_not_understood(byte[] entry)
    {
        bool read = MoveEntry.TryRead(entry, out MoveEntryKind kind, out _, out ReadOnlySpan<byte> image);

        Assert.True(!read || kind != MoveEntryKind.AsTold || MoveEntry.Numbers(image).Length * sizeof(ulong) == entry.Length - 1);
    }

    [Fact]
    public void A_length_that_can_not_be_is_the_end_of_the_stream()
    {
        ImageAssembler assembler = new();
        ReadOnlySpan<byte> piece = [0xff, 0xff, 0xff, 0x7f, 1, 2, 3];

        Assert.False(assembler.TryTake(ref piece, out _));
        Assert.True(assembler.Damaged);
    }

    private static byte[] Entry(MoveEntryKind kind, ulong session, ReadOnlySpan<byte> image)
    {
        byte[] head = new byte[MoveEntry.HeadBytes];
        MoveEntry.WriteHead(head, kind, session);
        return [.. head, .. image];
    }
}
