using System;
using System.Buffers.Binary;
using ExchangeLb.Core.Runtime;

namespace ExchangeLb.Proxy.Recording;

/// <summary>
/// Records of one address on their way to a peer. Encoding, numbers little-endian: version, incarnation (8), the address as IPv6 (16); then records:
/// kind (1), session (8), and for an established one four endpoints (family 1, address 4 or 16, port 2), for a quiet one a length (2) and its image.
/// An established session takes 37 bytes (IPv4), a quiet one about 300, a change 9. One thread at a time.
/// </summary>
internal sealed class RecordBatch(UInt128 address, ulong incarnation, TellRecords tell)
{
    public const byte Version = 1;
    public const int HeadLength = 25;
    public const int IdLength = sizeof(ulong);

    /// <summary>An image of a session that holds no bytes is smaller, unless its proxies have the longest names.</summary>
    public const int ImageLimit = 2048;

    private readonly byte[] _bytes = new byte[IRecordedSessions.RecordsLimit];
    private int _length;

    public ulong Incarnation => incarnation;

    public UInt128 Address => address;

    /// <summary>Something waits to be told.</summary>
    public bool IsEmpty => _length == 0;

    public void Established(ulong session, in ConnectionEnds client, in ConnectionEnds server)
    {
        Span<byte> body = stackalloc byte[ConnectionEnds.Limit * 2];
        int length = client.Write(body);
        length += server.Write(body[length..]);
        Add(RecordKind.Established, session, body[..length], withLength: false);
    }

    /// <summary>
    /// It has no server yet. Told as one with a server of which this node has no side, by the client's ends the other way round: releases that know no more than that
    /// ask the client alone, too.
    /// </summary>
    public void Opening(ulong session, in ConnectionEnds client) => Established(session, client, new ConnectionEnds(client.Remote, client.Local));

    /// <returns>False: too large.</returns>
    public bool Quiet(ulong session, ReadOnlySpan<byte> image)
    {
        if (image.Length > ImageLimit)
        {
            return false;
        }
        Add(RecordKind.Quiet, session, image, withLength: true);
        return true;
    }

    public void Active(ulong session) => Add(RecordKind.Active, session, [], withLength: false);

    public void Ended(ulong session) => Add(RecordKind.Ended, session, [], withLength: false);

    public void Tell()
    {
        if (_length > 0)
        {
            tell(_bytes.AsSpan(0, _length));
            _length = 0;
        }
    }

    private void Add(RecordKind kind, ulong session, ReadOnlySpan<byte> body, bool withLength)
    {
        int needed = 1 + IdLength + (withLength ? sizeof(ushort) : 0) + body.Length;
        if (_length + needed > _bytes.Length)
        {
            Tell();
        }
        if (_length == 0)
        {
            _bytes[0] = Version;
            BinaryPrimitives.WriteUInt64LittleEndian(_bytes.AsSpan(1), incarnation);
            BinaryPrimitives.WriteUInt128LittleEndian(_bytes.AsSpan(9), address);
            _length = HeadLength;
        }
        Span<byte> target = _bytes.AsSpan(_length);
        target[0] = (byte)kind;
        BinaryPrimitives.WriteUInt64LittleEndian(target[1..], session);
        target = target[(1 + IdLength)..];
        if (withLength)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(target, (ushort)body.Length);
            target = target[sizeof(ushort)..];
        }
        body.CopyTo(target);
        _length += needed;
    }
}
