using System;
using System.Buffers.Binary;
using System.IO;
using ExchangeLb.Core.Runtime;

namespace ExchangeLb.Clustering.Guarding;

/// <summary>
/// What the balancer sends to its guard over the unix socket `held.sock` (SEQPACKET), a message each, numbers in little endian:
/// <list type="bullet">
/// <item>hold: 1, session (8 bytes); with it go the descriptors of the client's and the server's socket;</item>
/// <item>drop: 2, sessions (8 bytes each);</item>
/// <item>keep: 3, a batch of records, as the peers are told of them;</item>
/// <item>forget: 4, an address (16 bytes): of its sessions nothing is to be kept.</item>
/// </list>
/// All are of one release (<see cref="GuardTalk.Form"/>). The guard says nothing here.
/// </summary>
internal static class HeldTalk
{
    public const string SocketName = "held.sock";
    public const int HoldBytes = 1 + sizeof(ulong);
    public const int DroppedAtOnce = 64;
    public const int MessageMaxBytes = 1 + IRecordedSessions.RecordsLimit;
    public const int ForgetBytes = 1 + AddressBytes;
    private const int AddressBytes = 16;
    private const byte HoldKind = 1;
    private const byte DropKind = 2;
    private const byte KeepKind = 3;
    private const byte ForgetKind = 4;

    public static string PathBeside(string guardSocket) => Path.Combine(Path.GetDirectoryName(guardSocket)!, SocketName);

    public static void WriteHold(Span<byte> message, ulong session)
    {
        message[0] = HoldKind;
        BinaryPrimitives.WriteUInt64LittleEndian(message[1..], session);
    }

    /// <param name="index">Which session of the message, from 0 on.</param>
    /// <returns>The message's length with it.</returns>
    public static int WriteDrop(Span<byte> message, int index, ulong session)
    {
        message[0] = DropKind;
        int at = 1 + (index * sizeof(ulong));
        BinaryPrimitives.WriteUInt64LittleEndian(message[at..], session);
        return at + sizeof(ulong);
    }

    /// <returns>The message's length.</returns>
    public static int WriteKeep(Span<byte> message, ReadOnlySpan<byte> records)
    {
        message[0] = KeepKind;
        records.CopyTo(message[1..]);
        return 1 + records.Length;
    }

    public static void WriteForget(Span<byte> message, UInt128 address)
    {
        message[0] = ForgetKind;
        BinaryPrimitives.WriteUInt128LittleEndian(message[1..], address);
    }

    public static bool TryReadKeep(ReadOnlySpan<byte> message, out ReadOnlySpan<byte> records)
    {
        bool isKeep = message.Length > 1 && message[0] == KeepKind;
        records = isKeep ? message[1..] : default;
        return isKeep;
    }

    public static bool TryReadForget(ReadOnlySpan<byte> message, out UInt128 address)
    {
        bool isForget = message.Length == ForgetBytes && message[0] == ForgetKind;
        address = isForget ? BinaryPrimitives.ReadUInt128LittleEndian(message[1..]) : default;
        return isForget;
    }

    public static bool TryReadHold(ReadOnlySpan<byte> message, out ulong session)
    {
        bool isHold = message.Length == HoldBytes && message[0] == HoldKind;
        session = isHold ? BinaryPrimitives.ReadUInt64LittleEndian(message[1..]) : 0;
        return isHold;
    }

    /// <returns>How many sessions it names; 0: it is no such message.</returns>
    public static int DroppedBy(ReadOnlySpan<byte> message) =>
        message.Length > 1 && message[0] == DropKind && (message.Length - 1) % sizeof(ulong) == 0 ? (message.Length - 1) / sizeof(ulong) : 0;

    public static ulong Dropped(ReadOnlySpan<byte> message, int index) => BinaryPrimitives.ReadUInt64LittleEndian(message[(1 + (index * sizeof(ulong)))..]);
}
