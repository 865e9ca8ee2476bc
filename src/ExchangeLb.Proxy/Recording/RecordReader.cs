using System;
using System.Buffers.Binary;

namespace ExchangeLb.Proxy.Recording;

/// <summary>One record of a batch. Images are not looked into.</summary>
internal readonly ref struct SessionRecord
{
    public RecordKind Kind { get; init; }

    public ulong Session { get; init; }

    public ConnectionEnds Client { get; init; }

    public ConnectionEnds Server { get; init; }

    public ReadOnlySpan<byte> Image { get; init; }
}

/// <summary>Reads what <see cref="RecordBatch"/> wrote. What is damaged ends the reading, and <see cref="Problem"/> says so.</summary>
internal ref struct RecordReader
{
    private ReadOnlySpan<byte> _rest;

    public RecordReader(ReadOnlySpan<byte> batch)
    {
        if (batch.Length < RecordBatch.HeadLength || batch[0] != RecordBatch.Version)
        {
            Problem = batch.Length > 0 && batch[0] != RecordBatch.Version ? $"records of version {batch[0]}, {RecordBatch.Version} is known" : Damaged;
            return;
        }
        Incarnation = BinaryPrimitives.ReadUInt64LittleEndian(batch[1..]);
        Address = BinaryPrimitives.ReadUInt128LittleEndian(batch[9..]);
        _rest = batch[RecordBatch.HeadLength..];
    }

    private static string Damaged => "records are damaged";

    public ulong Incarnation { get; }

    public UInt128 Address { get; }

    public string? Problem { get; private set; }

    public bool TryNext(out SessionRecord record)
    {
        record = default;
        if (Problem is not null || _rest.IsEmpty)
        {
            return false;
        }
        if (_rest.Length < 1 + RecordBatch.IdLength)
        {
            return Fail();
        }
        var kind = (RecordKind)_rest[0];
        ulong session = BinaryPrimitives.ReadUInt64LittleEndian(_rest[1..]);
        _rest = _rest[(1 + RecordBatch.IdLength)..];
        switch (kind)
        {
            case RecordKind.Established:
                if (!ConnectionEnds.TryRead(ref _rest, out ConnectionEnds client) || !ConnectionEnds.TryRead(ref _rest, out ConnectionEnds server))
                {
                    return Fail();
                }
                record = new SessionRecord { Kind = kind, Session = session, Client = client, Server = server };
                return true;
            case RecordKind.Quiet:
                if (_rest.Length < sizeof(ushort) || BinaryPrimitives.ReadUInt16LittleEndian(_rest) is var length && length > Math.Min(RecordBatch.ImageLimit, _rest.Length - sizeof(ushort)))
                {
                    return Fail();
                }
                record = new SessionRecord { Kind = kind, Session = session, Image = _rest.Slice(sizeof(ushort), length) };
                _rest = _rest[(sizeof(ushort) + length)..];
                return true;
            case RecordKind.Active or RecordKind.Ended:
                record = new SessionRecord { Kind = kind, Session = session };
                return true;
            default:
                return Fail();
        }
    }

    private bool Fail()
    {
        Problem = Damaged;
        return false;
    }
}
