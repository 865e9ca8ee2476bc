using System;
using System.Collections.Generic;
using ExchangeLb.Cluster.Engine;

namespace ExchangeLb.Cluster.Moving;

/// <summary>Short words of one move to its other node, in order, kept until the engine takes them.</summary>
internal sealed class MoveOutbox(IMoveHost host, uint vip, NodeId to, ulong move)
{
    private readonly Queue<byte[]> _waiting = [];

    internal bool IsEmpty => _waiting.Count == 0;

    internal void Say(MoveMessageType type, int count = 0, long bytes = 0, string text = "")
    {
        byte[] rest = MoveMessages.BytesOf(text);
        byte[] body = new byte[MoveMessages.HeaderBytes + rest.Length];
        MoveMessages.Write(body, new(type, vip, to, move, count, bytes, rest));
        _waiting.Enqueue(body);
    }

    internal void Clear() => _waiting.Clear();

    /// <summary>False: something still waits.</summary>
    internal bool Flush()
    {
        while (_waiting.TryPeek(out byte[]? body))
        {
            if (!host.Send(body))
            {
                return false;
            }
            _waiting.Dequeue();
        }
        return true;
    }

    /// <summary>A piece of the stream; behind whatever waits.</summary>
    internal bool SendPiece(Span<byte> room, long position, int bytes) =>
        IsEmpty && host.Send(room[..MoveMessages.Write(room, new(MoveMessageType.Images, vip, to, move, 0, position, room.Slice(MoveMessages.HeaderBytes, bytes)))]);
}
