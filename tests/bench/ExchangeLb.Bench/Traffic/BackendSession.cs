using System;
using System.Buffers.Binary;

namespace ExchangeLb.Bench.Traffic;

/// <summary>One connection of the backend: plain data in an array indexed by descriptor, owned by the backend's thread.</summary>
internal unsafe struct BackendSession
{
    private fixed byte _head[Protocol.RequestHeadLength];
    private int _headLength;

    internal ulong BodyLeft;
    internal ulong Sent;
    internal bool IsAnswering;
    internal bool WatchesOut;
    private ulong _bodyRead;
    private bool _bodyIsWrong;

    internal readonly AskFor Ask => (AskFor)_head[1];

    internal readonly ulong AnswerLength => HeadWord(24);

    /// <summary>The client's tag; its complement tells the client that its body came damaged.</summary>
    internal readonly ulong AnswerTag => _bodyIsWrong ? ~HeadWord(8) : HeadWord(8);

    internal readonly bool IsBetweenRequests => _headLength == 0;

    internal readonly bool HasHead => _headLength == Protocol.RequestHeadLength;

    /// <summary>Takes bytes of a request; false when there are more than it has, or it is none.</summary>
    internal bool Take(ReadOnlySpan<byte> bytes)
    {
        while (!HasHead && !bytes.IsEmpty)
        {
            if (_headLength == 0 && bytes[0] != Protocol.Magic) { return false; }
            _head[_headLength++] = bytes[0];
            bytes = bytes[1..];
            if (HasHead) { BodyLeft = HeadWord(16); }
        }
        if (!HasHead) { return true; }
        if ((ulong)bytes.Length > BodyLeft) { return false; }
        if ((Ask & AskFor.VerifyBody) != 0 && !Filler.Matches(bytes, Protocol.RequestHeadLength + _bodyRead)) { _bodyIsWrong = true; }
        TakeUnread((ulong)bytes.Length);
        return true;
    }

    /// <summary>Takes body bytes that the kernel has discarded.</summary>
    internal void TakeUnread(ulong count)
    {
        BodyLeft -= count;
        _bodyRead += count;
        IsAnswering = BodyLeft == 0;
    }

    internal void BeginNext()
    {
        _headLength = 0;
        Sent = _bodyRead = 0;
        IsAnswering = _bodyIsWrong = false;
    }

    private readonly ulong HeadWord(int at)
    {
        fixed (byte* head = _head) { return BinaryPrimitives.ReadUInt64LittleEndian(new ReadOnlySpan<byte>(head + at, sizeof(ulong))); }
    }
}
