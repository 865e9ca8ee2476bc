using System;
using System.Collections.Generic;
using ExchangeLb.Cluster.Engine;

namespace ExchangeLb.Cluster.Moving;

/// <summary>
/// What is said in one move to its other node, in order, kept until it is taken: short words by the engine, and the stream of images, with what is said about
/// it, on the same way or on a connection between the two nodes alone.
/// </summary>
internal sealed class MoveOutbox(IMoveHost host, uint vip, NodeId to, ulong move)
{
    private readonly Queue<byte[]> _waiting = [];

    /// <summary>For the connection.</summary>
    private readonly Queue<byte[]> _behind = [];
    private int _connection;

    internal bool IsEmpty => _waiting.Count == 0 && _behind.Count == 0;

    /// <summary>Images go on a connection of their own: nothing of it comes before or after what is said by the engine, but everything in order.</summary>
    internal bool ByConnection => _connection != 0;

    /// <param name="connection">As <see cref="IMoveHost.ConnectionTo"/> tells; 0: there is none.</param>
    internal void UseConnection(int connection) => _connection = connection;

    internal void Say(MoveMessageType type, int count = 0, long bytes = 0, string text = "") => _waiting.Enqueue(BodyOf(type, count, bytes, text));

    /// <summary>The target hears it after the images that were sent before.</summary>
    internal void SayBehindImages(MoveMessageType type, int count = 0, long bytes = 0) =>
        (ByConnection ? _behind : _waiting).Enqueue(BodyOf(type, count, bytes, ""));

    /// <summary>There is no connection any more, and what waits for it is to be said again: behind images that are not sent yet.</summary>
    internal void Disconnect()
    {
        _connection = 0;
        _behind.Clear();
    }

    internal void Clear()
    {
        _waiting.Clear();
        _behind.Clear();
    }

    /// <summary>False: something still waits.</summary>
    internal bool Flush()
    {
        while (_waiting.TryPeek(out byte[]? body))
        {
            if (!host.Send(body)) { return false; }
            _waiting.Dequeue();
        }
        while (_behind.TryPeek(out byte[]? body))
        {
            if (!host.SendOnConnection(to, _connection, body)) { return false; }
            _behind.Dequeue();
        }
        return true;
    }

    /// <summary>A piece of the stream; behind whatever waits.</summary>
    internal bool SendPiece(Span<byte> room, long position, int bytes)
    {
        if (!IsEmpty) { return false; }
        Span<byte> body = room[..MoveMessages.Write(room, new(MoveMessageType.Images, vip, to, move, 0, position, room.Slice(MoveMessages.HeaderBytes, bytes)))];
        return ByConnection ? host.SendOnConnection(to, _connection, body) : host.Send(body);
    }

    private byte[] BodyOf(MoveMessageType type, int count, long bytes, string text)
    {
        byte[] rest = MoveMessages.BytesOf(text);
        byte[] body = new byte[MoveMessages.HeaderBytes + rest.Length];
        MoveMessages.Write(body, new(type, vip, to, move, count, bytes, rest));
        return body;
    }
}
