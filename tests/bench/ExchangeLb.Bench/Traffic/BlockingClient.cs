using System;
using System.Runtime.InteropServices;
using ExchangeLb.Bench.Kernel;

namespace ExchangeLb.Bench.Traffic;

/// <summary>One connection with blocking calls that give up after 10 s: for what is not many connections on one thread.</summary>
internal sealed unsafe class BlockingClient : IDisposable
{
    private const int ChunkLength = 64 * 1024;
    private const nint LongestDiscard = 8 << 20;
    private static readonly TimeSpan StallLimit = TimeSpan.FromSeconds(10);

    private readonly byte* _chunk = (byte*)NativeMemory.Alloc(ChunkLength);
    private int _fd;
    private ulong _tag;

    private BlockingClient(int fd) => _fd = fd;

    internal static BlockingClient Open(int port, int ordinal)
    {
        var fd = Tcp.Connect(port, ordinal, StallLimit, out var error);
        return fd >= 0 ? new BlockingClient(fd) : throw BrokenRunException.OfSystemCall("connect", error);
    }

    /// <summary>Null when nobody listens (yet).</summary>
    internal static BlockingClient? TryOpen(int port)
    {
        var fd = Tcp.Connect(port, 0, StallLimit, out _);
        return fd >= 0 ? new BlockingClient(fd) : null;
    }

    /// <summary>Sends a request with a body of that length.</summary>
    internal void Ask(AskFor ask, ulong tag, ulong bodyLength, ulong answerLength)
    {
        _tag = tag;
        Protocol.WriteRequestHead(new Span<byte>(_chunk, Protocol.RequestHeadLength), ask, tag, bodyLength, answerLength);
        var together = (int)Math.Min(bodyLength, (ulong)(Protocol.SmallRequestLength - Protocol.RequestHeadLength));
        new ReadOnlySpan<byte>(Filler.Bytes + Protocol.RequestHeadLength, together).CopyTo(new Span<byte>(_chunk + Protocol.RequestHeadLength, together));
        SendAll(_chunk, Protocol.RequestHeadLength + together);
        for (var sent = (ulong)together; sent < bodyLength;)
        {
            var position = (int)((Protocol.RequestHeadLength + sent) % Filler.Length);
            var part = (int)Math.Min((ulong)(Filler.Length - position), bodyLength - sent);
            SendAll(Filler.Bytes + position, part);
            sent += (ulong)part;
        }
    }

    /// <summary>Sends only the first bytes of a small request: a client that goes away in the middle.</summary>
    internal void AskInPart(int length)
    {
        Protocol.WriteRequestHead(
            new Span<byte>(_chunk, Protocol.RequestHeadLength), AskFor.Answer, 0, Protocol.SmallRequestLength, Protocol.SmallAnswerLength);
        SendAll(_chunk, Math.Min(length, Protocol.RequestHeadLength));
    }

    /// <summary>Reads a whole answer and checks every byte.</summary>
    internal void ReadAnswer(ulong length)
    {
        ReadAnswerHead(length);
        for (ulong have = Protocol.AnswerHeadLength; have < length;)
        {
            var count = Positive(Receive(_chunk, (nint)Math.Min(ChunkLength, length - have), 0));
            if (!Filler.Matches(new ReadOnlySpan<byte>(_chunk, (int)count), have)) { throw new BrokenRunException("an answer with wrong bytes"); }
            have += (ulong)count;
        }
    }

    /// <summary>Reads a whole answer; the kernel discards all but the head, which is checked.</summary>
    internal void DiscardAnswer(ulong length)
    {
        ReadAnswerHead(length);
        for (var left = length - Protocol.AnswerHeadLength; left > 0;)
        {
            left -= (ulong)Positive(Receive(null, (nint)Math.Min(left, (ulong)LongestDiscard), MessageFlags.Truncate));
        }
    }

    /// <summary>Reads some bytes without looking at them.</summary>
    internal void ReadSome() => Positive(Receive(_chunk, 4096, 0));

    /// <summary>Waits for the server's close.</summary>
    internal void ReadEnd()
    {
        var count = Receive(_chunk, 1, 0);
        if (count > 0) { throw new BrokenRunException("bytes after the answer"); }
        if (count < 0) { throw BrokenRunException.OfSystemCall("waiting for the close", Libc.Error); }
    }

    /// <summary>Waits for a close or a reset in place of an answer.</summary>
    internal void ReadBreak()
    {
        var count = Receive(_chunk, 1, 0);
        if (count > 0) { throw new BrokenRunException("an answer where a reset was due"); }
        if (count < 0 && Libc.Error != Errno.ConnectionReset) { throw BrokenRunException.OfSystemCall("waiting for the reset", Libc.Error); }
    }

    internal void FinishSending() => Tcp.Check(Libc.Shutdown(_fd, 1), "shutdown");

    internal void ShrinkReceiveBuffer(int bytes) => Tcp.SetReceiveBuffer(_fd, bytes);

    internal void Reset()
    {
        Tcp.Reset(_fd);
        _fd = -1;
    }

    public void Dispose()
    {
        if (_fd >= 0) { Libc.Close(_fd); }
        NativeMemory.Free(_chunk);
    }

    private void ReadAnswerHead(ulong length)
    {
        for (var have = 0; have < Protocol.AnswerHeadLength;)
        {
            have += (int)Positive(Receive(_chunk + have, Protocol.AnswerHeadLength - have, 0));
        }
        if (!Protocol.IsAnswer(new ReadOnlySpan<byte>(_chunk, Protocol.AnswerHeadLength), _tag, length))
        {
            throw new BrokenRunException("a wrong answer");
        }
    }

    private void SendAll(byte* bytes, int length)
    {
        for (var sent = 0; sent < length;) { sent += (int)Positive(Send(bytes + sent, length - sent)); }
    }

    private nint Receive(byte* bytes, nint length, int flags)
    {
        nint count;
        do { count = Libc.ReceiveBlocking(_fd, bytes, length, flags); } while (count < 0 && Libc.Error == Errno.Interrupted);
        return count;
    }

    private nint Send(byte* bytes, nint length)
    {
        nint count;
        do { count = Libc.SendBlocking(_fd, bytes, length, MessageFlags.NoSignal); } while (count < 0 && Libc.Error == Errno.Interrupted);
        return count;
    }

    private static nint Positive(nint count) => count switch
    {
        > 0 => count,
        0 => throw new BrokenRunException("closed before the end"),
        _ when Libc.Error == Errno.Again => throw new BrokenRunException("stalled for 10 s"),
        _ => throw BrokenRunException.OfSystemCall("transfer", Libc.Error),
    };
}
