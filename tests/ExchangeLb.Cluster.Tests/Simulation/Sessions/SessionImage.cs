using System;
using System.Buffers.Binary;

namespace ExchangeLb.Cluster.Tests.Simulation.Sessions;

/// <summary>How far a session has got: bytes of its two streams, up from its client and down from its server, that were taken from one end and passed to the other.</summary>
internal readonly record struct SessionImage(int UpTaken, int UpPassed, int DownTaken, int DownPassed)
{
    internal const int Bytes = 16;

    internal static SessionImage Read(ReadOnlySpan<byte> from) => new(
        BinaryPrimitives.ReadInt32LittleEndian(from),
        BinaryPrimitives.ReadInt32LittleEndian(from[4..]),
        BinaryPrimitives.ReadInt32LittleEndian(from[8..]),
        BinaryPrimitives.ReadInt32LittleEndian(from[12..]));

    internal void Write(Span<byte> to)
    {
        BinaryPrimitives.WriteInt32LittleEndian(to, UpTaken);
        BinaryPrimitives.WriteInt32LittleEndian(to[4..], UpPassed);
        BinaryPrimitives.WriteInt32LittleEndian(to[8..], DownTaken);
        BinaryPrimitives.WriteInt32LittleEndian(to[12..], DownPassed);
    }

    /// <summary>What comes of it when a session is run from this, and its ends stand there. Null: nothing is wrong.</summary>
    internal string? WrongFor(in SessionImage ends) =>
        UpPassed < ends.UpPassed || DownPassed < ends.DownPassed ? $"passes bytes on twice: {this}, its ends {ends}"
        : UpPassed > ends.UpPassed || DownPassed > ends.DownPassed ? $"leaves bytes out: {this}, its ends {ends}"
        : UpTaken != ends.UpTaken || DownTaken != ends.DownTaken ? $"waits for bytes that do not come: {this}, its ends {ends}"
        : null;
}
