using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using ExchangeLb.Linux.Frames;
using Xunit;

namespace ExchangeLb.Linux.Tests.Frames;

/// <summary>The filters' instructions, run here as the kernel runs them.</summary>
public sealed class FrameFilterTests
{
    private static readonly MacAddress Own = new(0x02_00_00_00_00_21);

    [Fact]
    public void ARP_is_taken_from_each_of_many_senders_and_from_no_other()
    {
        uint[] senders = [.. Enumerable.Range(1, 300).Select(i => 0x0a000000u + (uint)i)];
        FilterInstruction[] filter = FrameFilter.ArpFrom(senders);

        Assert.All(senders, sender => Assert.True(Takes(filter, Arp(sender))));
        Assert.False(Takes(filter, Arp(0x0a000000)));
        Assert.False(Takes(FrameFilter.ArpFrom([]), Arp(0x0a000001)));
    }

    [Fact]
    public void Neighbour_messages_are_taken_and_other_ICMPv6_is_not()
    {
        byte[] frame = new byte[NeighbourFrame.MaxLength];
        NeighbourFrame.Announcement(Own, 25).Write(frame);

        Dictionary<byte, bool> byType = Enumerable.Range(128, 10).ToDictionary(type => (byte)type, type =>
        {
            frame[54] = (byte)type;
            return Takes(FrameFilter.Neighbours, frame);
        });
        frame[20] = 6;

        Assert.Equal([135, 136], byType.Where(pair => pair.Value).Select(pair => pair.Key));
        Assert.False(Takes(FrameFilter.Neighbours, frame));
    }

    [Fact]
    public void Packets_are_taken_by_their_whole_destination()
    {
        IPAddress vip4 = IPAddress.Parse("10.0.0.25");
        IPAddress vip6 = IPAddress.Parse("fd00:1:2:3::25");
        byte[] frame4 = new byte[60];
        byte[] frame6 = new byte[80];
        vip4.TryWriteBytes(frame4.AsSpan(30), out _);
        vip6.TryWriteBytes(frame6.AsSpan(38), out _);

        Assert.True(Takes(FrameFilter.To(vip4.ToUInt32()), frame4));
        Assert.True(Takes(FrameFilter.To(vip6.ToUInt128()), frame6));
        Assert.All(Enumerable.Range(30, 4), at => Assert.False(Takes(FrameFilter.To(vip4.ToUInt32()), With(frame4, at))));
        Assert.All(Enumerable.Range(38, 16), at => Assert.False(Takes(FrameFilter.To(vip6.ToUInt128()), With(frame6, at))));
    }

    [Fact]
    public void Nothing_is_nothing() => Assert.False(Takes(FrameFilter.Nothing, new byte[60]));

    private static byte[] Arp(uint sender)
    {
        byte[] frame = new byte[ArpFrame.Length];
        ArpFrame.AnnounceAsReply(Own, sender).Write(frame);
        return frame;
    }

    private static byte[] With(byte[] frame, int at)
    {
        byte[] copy = [.. frame];
        copy[at] ^= 1;
        return copy;
    }

    /// <summary>A load beyond the end of the frame ends the program with 0, as in the kernel.</summary>
    private static bool Takes(FilterInstruction[] program, ReadOnlySpan<byte> frame)
    {
        uint accumulator = 0;
        for (int at = 0; ; at++)
        {
            FilterInstruction instruction = program[at];
            switch (instruction.Code)
            {
                case 0x20:
                    if (instruction.Operand + 4 > frame.Length) { return false; }
                    accumulator = System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(frame[(int)instruction.Operand..]);
                    break;
                case 0x30:
                    if (instruction.Operand >= frame.Length) { return false; }
                    accumulator = frame[(int)instruction.Operand];
                    break;
                case 0x15: at += accumulator == instruction.Operand ? instruction.IfTrue : instruction.IfFalse; break;
                case 0x06: return instruction.Operand > 0;
                default: throw new InvalidOperationException($"no filter of ours has the instruction {instruction.Code:x}");
            }
        }
    }
}
