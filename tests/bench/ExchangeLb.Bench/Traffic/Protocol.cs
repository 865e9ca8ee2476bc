using System;
using System.Buffers.Binary;

namespace ExchangeLb.Bench.Traffic;

/// <summary>What a request asks of the server besides its answer.</summary>
[Flags]
internal enum AskFor
{
    Answer = 0,
    CloseAfterAnswer = 1,
    ResetInsteadOfAnswer = 2,
    VerifyBody = 4,
}

/// <summary>
/// The protocol between client and backend; the proxy passes it through. A request is a head of 32 bytes, little-endian (0: 'X';
/// 1: <see cref="AskFor"/>; 8: tag; 16: length of the body; 24: length of the answer), and a body. An answer begins with the tag and its own
/// length, 16 bytes. All other bytes are <see cref="Filler"/> at their own offset. One request at a time on a connection.
/// </summary>
internal static class Protocol
{
    internal const byte Magic = (byte)'X';

    /// <summary>The first byte of a TLS record with a hello: a health check (RFC 8446, 5.1).</summary>
    internal const byte TlsHandshake = 0x16;
    internal const int RequestHeadLength = 32;
    internal const int AnswerHeadLength = 16;

    /// <summary>A small request, whole, and its answer: about those of a polling mail client.</summary>
    internal const int SmallRequestLength = 200;
    internal const int SmallAnswerLength = 512;

    internal static void WriteRequestHead(Span<byte> head, AskFor ask, ulong tag, ulong body, ulong answer)
    {
        head[..RequestHeadLength].Clear();
        head[0] = Magic;
        head[1] = (byte)ask;
        BinaryPrimitives.WriteUInt64LittleEndian(head[8..], tag);
        BinaryPrimitives.WriteUInt64LittleEndian(head[16..], body);
        BinaryPrimitives.WriteUInt64LittleEndian(head[24..], answer);
    }

    internal static void WriteAnswerHead(Span<byte> head, ulong tag, ulong length)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(head, tag);
        BinaryPrimitives.WriteUInt64LittleEndian(head[8..], length);
    }

    /// <summary>True when these are the first bytes (16 or more) of the answer to that request.</summary>
    internal static bool IsAnswer(ReadOnlySpan<byte> answer, ulong tag, ulong length) =>
        BinaryPrimitives.ReadUInt64LittleEndian(answer) == tag
        && BinaryPrimitives.ReadUInt64LittleEndian(answer[8..]) == length
        && Filler.Matches(answer[AnswerHeadLength..], AnswerHeadLength);
}
