using System;
using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;

namespace ExchangeLb.Cluster.Messages;

/// <summary>
/// The 16 bytes around every cluster message: `XL`, form (1), kind, cluster (4: CRC-32 of its name), length of the body (4), CRC-32 of
/// all bytes before it and of the body (4); numbers little-endian. The engine authenticates the sender; this tells apart versions,
/// clusters and damage.
/// </summary>
public sealed class Envelope(string clusterName)
{
    public const int HeaderBytes = 16;

    /// <summary>Read a new form one release before writing it: a pair is upgraded one node after the other.</summary>
    public const byte Form = 1;

    private readonly uint _cluster = Crc32.HashToUInt32(Encoding.UTF8.GetBytes(clusterName));

    /// <summary>Fills the header; the body stands behind it already. Returns the length of the whole.</summary>
    public int Seal(MessageKind kind, Span<byte> message, int bodyBytes)
    {
        message[0] = (byte)'X';
        message[1] = (byte)'L';
        message[2] = Form;
        message[3] = (byte)kind;
        BinaryPrimitives.WriteUInt32LittleEndian(message[4..], _cluster);
        BinaryPrimitives.WriteInt32LittleEndian(message[8..], bodyBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(message[12..], Sum(message, bodyBytes));
        return HeaderBytes + bodyBytes;
    }

    public OpenResult Open(ReadOnlySpan<byte> message, out MessageKind kind, out ReadOnlySpan<byte> body)
    {
        kind = default;
        body = default;
        if (message.Length < HeaderBytes || message[0] != 'X' || message[1] != 'L')
        {
            return OpenResult.Damaged;
        }
        if (message[2] > Form)
        {
            return OpenResult.LaterVersion;
        }
        int length = message.Length - HeaderBytes;
        if (BinaryPrimitives.ReadInt32LittleEndian(message[8..]) != length
            || BinaryPrimitives.ReadUInt32LittleEndian(message[12..]) != Sum(message, length))
        {
            return OpenResult.Damaged;
        }
        if (BinaryPrimitives.ReadUInt32LittleEndian(message[4..]) != _cluster)
        {
            return OpenResult.OtherCluster;
        }
        kind = (MessageKind)message[3];
        body = message[HeaderBytes..];
        return kind is >= MessageKind.Ownership and <= MessageKind.Records ? OpenResult.Opened : OpenResult.LaterVersion;
    }

    private static uint Sum(ReadOnlySpan<byte> message, int bodyBytes)
    {
        var crc = new Crc32();
        crc.Append(message[..12]);
        crc.Append(message.Slice(HeaderBytes, bodyBytes));
        return crc.GetCurrentHashAsUInt32();
    }
}

public enum OpenResult
{
    Opened,

    /// <summary>Too short, or its sum is wrong.</summary>
    Damaged,

    /// <summary>Written by a later release, in a form or of a kind that this one does not know.</summary>
    LaterVersion,
    OtherCluster,
}
