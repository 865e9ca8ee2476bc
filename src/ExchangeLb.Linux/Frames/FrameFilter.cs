using System;
using System.Collections.Generic;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace ExchangeLb.Linux.Frames;

/// <summary>struct sock_filter (linux/filter.h): one instruction of a classic packet filter.</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct FilterInstruction(ushort Code, byte IfTrue, byte IfFalse, uint Operand);

/// <summary>struct sock_fprog.</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
internal unsafe struct FilterProgram
{
    [FieldOffset(0)]
    public ushort Length;

    [FieldOffset(8)]
    public FilterInstruction* Instructions;
}

/// <summary>Filters that the kernel runs on each frame before it copies it to a socket (bpf(4) of the BSDs; linux/Documentation/networking/filter.rst).</summary>
public static class FrameFilter
{
    private const ushort LoadWord = 0x20;    // BPF_LD | BPF_W | BPF_ABS
    private const ushort LoadByte = 0x30;    // BPF_LD | BPF_B | BPF_ABS
    private const ushort JumpEqual = 0x15;   // BPF_JMP | BPF_JEQ | BPF_K
    private const ushort Return = 0x06;      // BPF_RET | BPF_K
    private const uint WholeFrame = 0x40000;
    private const uint Tcp = 6;
    private const int ProtocolV4 = 23;
    private const int ProtocolV6 = 20;
    private const int SenderOfArp = 28;
    private const int DestinationV4 = 30;
    private const int DestinationV6 = 38;

    public static FilterInstruction[] Nothing { get; } = [new(Return, 0, 0, 0)];

    /// <summary>ARP whose sender is one of these IPv4 addresses.</summary>
    public static FilterInstruction[] ArpFrom(IReadOnlyCollection<uint> senders) => OneOf(SenderOfArp, senders);

    /// <summary>Neighbour solicitations and advertisements.</summary>
    public static FilterInstruction[] Neighbours { get; } =
    [
        new(LoadByte, 0, 0, 20), new(JumpEqual, 0, 4, 58),
        new(LoadByte, 0, 0, 54), new(JumpEqual, 1, 0, (uint)NeighbourMessageKind.Solicitation), new(JumpEqual, 0, 1, (uint)NeighbourMessageKind.Advertisement),
        new(Return, 0, 0, WholeFrame),
        new(Return, 0, 0, 0),
    ];

    /// <summary>IPv4 packets to this address.</summary>
    public static FilterInstruction[] To(uint address) => OneOf(DestinationV4, [address]);

    /// <summary>IPv6 packets to this address.</summary>
    public static FilterInstruction[] To(UInt128 address)
    {
        List<FilterInstruction> program = [];
        for (int word = 0; word < 4; word++)
        {
            program.Add(new(LoadWord, 0, 0, (uint)(DestinationV6 + (4 * word))));
            program.Add(new(JumpEqual, 1, 0, (uint)(address >> (96 - (32 * word)))));
            program.Add(new(Return, 0, 0, 0));
        }
        program.Add(new(Return, 0, 0, WholeFrame));
        return [.. program];
    }

    /// <summary>The headers of TCP segments to this address.</summary>
    public static FilterInstruction[] TcpHeadsTo(IPAddress address)
    {
        bool v4 = address.AddressFamily == AddressFamily.InterNetwork;
        FilterInstruction[] to = v4 ? To(address.ToUInt32()) : To(address.ToUInt128());
        to[^(v4 ? 2 : 1)] = new(Return, 0, 0, TcpSegment.HeadLimit);
        return [new(LoadByte, 0, 0, (uint)(v4 ? ProtocolV4 : ProtocolV6)), new(JumpEqual, 1, 0, Tcp), new(Return, 0, 0, 0), .. to];
    }

    /// <summary>A jump reaches 255 instructions, so each comparison is followed by its own end.</summary>
    private static FilterInstruction[] OneOf(uint offset, IReadOnlyCollection<uint> words)
    {
        List<FilterInstruction> program = [new(LoadWord, 0, 0, offset)];
        foreach (uint word in words)
        {
            program.Add(new(JumpEqual, 0, 1, word));
            program.Add(new(Return, 0, 0, WholeFrame));
        }
        program.Add(new(Return, 0, 0, 0));
        return [.. program];
    }
}
