using System;
using System.Collections.Generic;
using System.Net;
using System.Net.Sockets;
using ExchangeLb.Lab.Tests.World;
using ExchangeLb.Linux.Calls;
using ExchangeLb.Linux.Repair;
using ExchangeLb.Linux.Sockets;
using Xunit;

namespace ExchangeLb.Lab.Tests.Repair;

/// <summary>A connection between the client (a blocking socket) and a node, whose owner does with an image what the proxy does. Owner: the test's thread.</summary>
internal sealed class MovableConnection : IDisposable
{
    private readonly RepairWorld _world;
    private readonly Queue<byte> _received = [];
    private bool _peerEnded;

    private MovableConnection(RepairWorld world, Socket client, int fd)
    {
        _world = world;
        Client = client;
        Fd = fd;
        At = world.A;
    }

    internal Socket Client { get; }

    internal int Fd { get; private set; }

    internal RepairNode At { get; private set; }

    /// <summary>The image of the last move.</summary>
    internal TcpImage? Image { get; private set; }

    internal RestoredSocket Restored { get; private set; }

    /// <param name="prepare">The client's socket, before it connects.</param>
    internal static MovableConnection Open(RepairWorld world, int version, Action<Socket>? prepare = null)
    {
        int listener = world.A.Listen(version);
        Socket client = world.ClientSocket(version);
        prepare?.Invoke(client);
        client.Connect(new IPEndPoint(RepairWorld.Vip(version), RepairWorld.Port));
        SysResult accepted = default;
        Eventually.Holds(Eventually.Seconds(10), () => (accepted = TcpSocket.Accept(listener, out _)).Ok, () => accepted.ToString());
        Descriptor.Close(listener);
        return new MovableConnection(world, client, accepted.Count);
    }

    /// <summary>Fence, freeze, ship, restore, release, run.</summary>
    internal void MoveTo(RepairNode target, TimeSpan? margin = null)
    {
        At.Fence();
        TcpImage image = Freeze();
        if (target != At) { TcpDump.CloseFrozen(Fd); }
        Go(target, image, margin);
    }

    internal void Move(TimeSpan? margin = null) => MoveTo(At == _world.A ? _world.B : _world.A, margin);

    internal TcpImage Freeze()
    {
        DumpResult dump = TcpDump.Freeze(Fd, _peerEnded, ImageClock.Now);
        Assert.True(dump.Verdict == DumpVerdict.Dumped, $"{dump.Verdict} {dump.Failure}");
        return Shipped(dump.Image!);
    }

    /// <summary>Makes the connection go on at the target.</summary>
    internal void Go(RepairNode target, TcpImage image, TimeSpan? margin = null)
    {
        Image = image;
        RestoreResult restore = target.Restore(image, margin);
        Assert.True(restore.Ok, $"{restore.FailedAt}: {restore.Failure}");
        Restored = restore.Socket;
        At = target;
        Fd = restore.Socket.Fd;
        foreach (byte received in image.Received) { _received.Enqueue(received); }
        _peerEnded = image.Has(TcpTraits.PeerEnded);
        target.OpenFence();
        SysResult released = TcpRestore.Release(restore.Socket);
        Assert.True(released.Ok, released.ToString());
        if (image.Unsent.Length > 0) { Write(image.Unsent); }
        if (image.Has(TcpTraits.EndQueued)) { Assert.True(TcpSocket.ShutdownWrite(Fd).Ok); }
    }

    internal static TcpImage Shipped(TcpImage image)
    {
        var bytes = new byte[TcpImageCodec.SizeOf(image)];
        Assert.Equal(bytes.Length, TcpImageCodec.Write(image, ImageClock.Now, bytes));
        Assert.True(TcpImageCodec.TryRead(bytes, ImageClock.Now, out TcpImage? shipped, out int length));
        Assert.Equal(bytes.Length, length);
        return shipped!;
    }

    /// <summary>Exactly so many bytes at the node.</summary>
    internal byte[] Read(int count)
    {
        List<byte> bytes = new(count);
        while (bytes.Count < count && _received.TryDequeue(out byte kept)) { bytes.Add(kept); }
        var buffer = new byte[64 * 1024];
        SysResult last = default;
        Eventually.Holds(Eventually.Seconds(20), () => bytes.Count == count || !TakeSome(), () => $"{bytes.Count} of {count} bytes, then {last}");
        Assert.Equal(count, bytes.Count);
        return [.. bytes];

        bool TakeSome()
        {
            last = TcpSocket.Receive(Fd, buffer.AsSpan(0, Math.Min(buffer.Length, count - bytes.Count)));
            if (last.Value > 0) { bytes.AddRange(buffer.AsSpan(0, last.Count)); }
            return last.Value > 0 ? bytes.Count < count : last.WouldBlock;
        }
    }

    internal bool ReadsEnd()
    {
        if (_received.Count > 0) { return false; }
        if (_peerEnded) { return true; }
        SysResult last = default;
        Eventually.Holds(Eventually.Seconds(20), () => !(last = TcpSocket.Receive(Fd, new byte[1])).WouldBlock, () => "neither bytes nor the end");
        return last.Ok && last.Value == 0;
    }

    internal void Write(ReadOnlyMemory<byte> bytes)
    {
        int written = 0;
        SysResult last = default;
        Eventually.Holds(Eventually.Seconds(20), () => WriteSome(), () => $"{written} of {bytes.Length} bytes, then {last}");
        Assert.True(last.Ok, last.ToString());

        bool WriteSome()
        {
            last = TcpSocket.Send(Fd, bytes.Span[written..], more: false);
            if (last.Ok) { written += last.Count; }
            return written == bytes.Length || (last.Failed && !last.WouldBlock);
        }
    }

    internal byte[] ClientReads(int count)
    {
        var bytes = new byte[count];
        for (int read = 0; read < count;)
        {
            int more = Client.Receive(bytes, read, count - read, SocketFlags.None);
            Assert.True(more > 0, $"the end after {read} of {count} bytes");
            read += more;
        }
        return bytes;
    }

    internal bool ClientReadsEnd() => Client.Receive(new byte[1]) == 0;

    /// <summary>Both directions still carry what they are given.</summary>
    internal void AssertAlive()
    {
        byte[] question = Pattern.Bytes(1, 3000), answer = Pattern.Bytes(2, 5000);
        Client.Send(question);
        Assert.Equal(question, Read(question.Length));
        Write(answer);
        Assert.Equal(answer, ClientReads(answer.Length));
    }

    public void Dispose()
    {
        Client.Dispose();
        TcpDump.CloseSilently(Fd);
    }
}
