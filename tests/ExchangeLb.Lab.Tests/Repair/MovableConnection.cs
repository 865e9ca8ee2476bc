using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Net;
using System.Net.Sockets;
using ExchangeLb.Lab.Tests.World;
using ExchangeLb.Linux.Calls;
using ExchangeLb.Linux.Polling;
using ExchangeLb.Linux.Repair;
using ExchangeLb.Linux.Sockets;
using Xunit;

namespace ExchangeLb.Lab.Tests.Repair;

/// <summary>A connection between the client (a blocking socket) and a node, whose owner does with an image what the proxy does. Owner: the test's thread.</summary>
internal sealed class MovableConnection : IDisposable
{
    private readonly RepairWorld _world;
    private readonly Queue<byte> _received = [];
    private byte[] _toSend = [];
    private bool _endToSend;
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

    internal static MovableConnection Open(RepairWorld world, int version) => Open(world, version, world.A.Listen(version));

    /// <param name="listener">Closed when there is a connection.</param>
    internal static MovableConnection Open(RepairWorld world, int version, int listener)
    {
        try
        {
            Socket client = world.ClientSocket(version);
            client.Connect(new IPEndPoint(RepairWorld.Vip(version), RepairWorld.Port));
            SysResult accepted = default;
            Eventually.Holds(Eventually.Seconds(20), () => (accepted = TcpSocket.Accept(listener, out _)).Ok, () => accepted.ToString());
            return new MovableConnection(world, client, accepted.Count);
        }
        finally
        {
            Descriptor.Close(listener);
        }
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
        RestoreResult restore = target.Restore(image, margin);
        Assert.True(restore.Ok, $"{restore.FailedAt}: {restore.Failure}");
        Run(target, restore.Socket, image);
    }

    /// <summary>Opens the fences, and releases.</summary>
    internal void Run(RepairNode target, RestoredSocket restored, TcpImage image, bool openFences = true)
    {
        Image = image;
        Restored = restored;
        At = target;
        Fd = restored.Fd;
        foreach (byte received in restored.HoldsReceived ? [] : image.Received) { _received.Enqueue(received); }
        _peerEnded = image.Has(TcpTraits.PeerEnded);
        if (openFences)
        {
            target.OpenFence();
            _world.ClientSide.OpenFence();
        }
        SysResult released = TcpRestore.Release(restored);
        Assert.True(released.Ok, released.ToString());
        _toSend = [.. image.Unsent, .. _toSend];
        _endToSend |= image.Has(TcpTraits.EndQueued);
        Pump();
    }

    internal static TcpImage Shipped(TcpImage image)
    {
        var bytes = new byte[TcpImageCodec.SizeOf(image)];
        Assert.Equal(bytes.Length, TcpImageCodec.Write(image, ImageClock.Now, bytes));
        Assert.True(TcpImageCodec.TryRead(bytes, ImageClock.Now, out TcpImage? shipped, out int length), $"can't be read: {Convert.ToHexString(bytes.AsSpan(0, Math.Min(bytes.Length, TcpImageCodec.HeadLimit)))}");
        Assert.Equal(bytes.Length, length);
        return shipped!;
    }

    /// <summary>Bytes that the client has sent, or is to, and the node has not acknowledged.</summary>
    internal SysResult Unacknowledged() => TcpDump.InFlight((int)Client.Handle);

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

    /// <summary>Sends back what is there.</summary>
    internal void Echo()
    {
        Pump();
        var buffer = new byte[8 * 1024];
        int taken = 0;
        while (taken < buffer.Length && _received.TryDequeue(out byte kept)) { buffer[taken++] = kept; }
        if (taken == 0)
        {
            SysResult received = TcpSocket.Receive(Fd, buffer);
            taken = received.WouldBlock ? 0 : received.Count;
            Assert.True(received.WouldBlock || taken > 0, $"{received}");
        }
        _toSend = [.. _toSend, .. buffer.AsSpan(0, taken)];
        Pump();
    }

    /// <summary>A part of a stream, when all before it is gone: bytes that will arrive.</summary>
    internal int WriteSome(int stream, long from, bool nothingNew = false)
    {
        Pump();
        if (nothingNew || _toSend.Length > 0) { return 0; }
        _toSend = Pattern.Bytes(stream, 50_000, from);
        Pump();
        return 50_000;
    }

    /// <summary>Compares the next bytes of a stream.</summary>
    internal int ReadSome(int stream, long from)
    {
        var buffer = new byte[64 * 1024];
        int taken = 0;
        while (taken < buffer.Length && _received.TryDequeue(out byte kept)) { buffer[taken++] = kept; }
        if (taken == 0)
        {
            SysResult received = TcpSocket.Receive(Fd, buffer);
            Assert.True(received.Ok || received.WouldBlock, received.ToString());
            taken = received.Ok ? received.Count : 0;
        }
        Assert.True(Pattern.Matches(stream, buffer.AsSpan(0, taken), from), $"a wrong byte in {from}..{from + taken}");
        return taken;
    }

    /// <summary>Our end, behind all that is to be sent.</summary>
    internal void EndAfterAll() => _endToSend = true;

    /// <summary>Lets nothing more be sent, and waits for the acknowledgement of what was.</summary>
    internal void Drain()
    {
        At.FenceOutward();
        Eventually.Holds(Eventually.Seconds(20), () => TcpDump.InFlight(Fd).Value == 0, () => $"{TcpDump.InFlight(Fd)} bytes in flight");
    }

    /// <summary>Waits until the kernel holds so many bytes that nobody has read.</summary>
    internal void AwaitUnread(int count)
    {
        using Socket view = View();
        Eventually.Holds(Eventually.Seconds(20), () => view.Available >= count, () => $"{view.Available} of {count} bytes unread");
    }

    /// <summary>Waits until the kernel knows that the client has ended its stream, and what it sent before lies unread.</summary>
    internal void AwaitEnd()
    {
        using EpollSet epoll = new();
        Assert.True(epoll.Add(Fd, EpollBits.EPOLLRDHUP, 1).Ok);
        Span<EpollEvent> events = stackalloc EpollEvent[1];
        Assert.Equal(1, epoll.Wait(events, 10_000).Value);
    }

    /// <summary>Writes as long as the kernel takes something, up to a limit.</summary>
    internal int Fill(int stream, int limit)
    {
        int written = 0;
        while (written < limit)
        {
            SysResult sent = TcpSocket.Send(Fd, Pattern.Bytes(stream, Math.Min(32 * 1024, limit - written), written), more: false);
            if (sent.WouldBlock) { break; }
            Assert.True(sent.Ok, sent.ToString());
            written += sent.Count;
        }
        return written;
    }

    /// <summary>Writes at the client until, for a while, its kernel takes nothing.</summary>
    /// <param name="from">Where in the stream it goes on.</param>
    internal int ClientFills(int stream, int from = 0)
    {
        int written = 0;
        Client.Blocking = false;
        while (Client.Poll(200_000, SelectMode.SelectWrite))
        {
            written += Client.Send(Pattern.Bytes(stream, 32 * 1024, from + written), 0, 32 * 1024, SocketFlags.None, out _);
        }
        Client.Blocking = true;
        return written;
    }

    /// <summary>tcpi_rto of struct tcp_info (linux/tcp.h).</summary>
    internal int RetransmissionTimeoutMs()
    {
        const int IPPROTO_TCP = 6, TCP_INFO = 11, Offset = 8;
        Span<byte> info = stackalloc byte[104];
        using Socket view = View();
        view.GetRawSocketOption(IPPROTO_TCP, TCP_INFO, info);
        return (int)(BinaryPrimitives.ReadUInt32LittleEndian(info[Offset..]) / 1000);
    }

    /// <summary>The same descriptor, as .NET sees it.</summary>
    private Socket View() => new(new SafeSocketHandle(Fd, ownsHandle: false));

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
        _toSend = [.. _toSend, .. bytes.Span];
        Eventually.Holds(Eventually.Seconds(20), () => { Pump(); return _toSend.Length == 0; }, () => $"{_toSend.Length} bytes are left");
    }

    /// <summary>As the owner would when the socket is writable: what it takes, and then the end.</summary>
    private void Pump()
    {
        while (_toSend.Length > 0)
        {
            SysResult sent = TcpSocket.Send(Fd, _toSend, more: false);
            if (sent.WouldBlock) { return; }
            Assert.True(sent.Ok, sent.ToString());
            _toSend = _toSend[sent.Count..];
        }
        if (!_endToSend) { return; }
        _endToSend = false;
        SysResult ended = TcpSocket.ShutdownWrite(Fd);
        Assert.True(ended.Ok, $"ending: {ended}");
    }

    internal byte[] ClientReads(int count)
    {
        var bytes = new byte[count];
        for (int read = 0; read < count;)
        {
            Eventually.Holds(Eventually.Seconds(20), () => { Pump(); return Client.Poll(1000, SelectMode.SelectRead); }, () => $"nothing more after {read} of {count} bytes");
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

    /// <summary>The caller's from now on.</summary>
    internal int Release()
    {
        int fd = Fd;
        Fd = -1;
        return fd;
    }

    public void Dispose()
    {
        Client.Dispose();
        if (Fd >= 0) { TcpDump.CloseSilently(Fd); }
    }
}
