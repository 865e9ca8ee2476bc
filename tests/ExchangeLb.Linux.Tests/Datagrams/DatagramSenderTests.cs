using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Text;
using ExchangeLb.Linux.Calls;
using ExchangeLb.Linux.Datagrams;
using Xunit;

namespace ExchangeLb.Linux.Tests.Datagrams;

public sealed class DatagramSenderTests
{
    [Fact]
    public void What_is_gathered_arrives_as_single_datagrams_in_order()
    {
        using Socket receiver = Receiver();
        using DatagramSender sender = To(receiver);
        string[] lines = [.. Enumerable.Range(0, 3 * DatagramSender.BatchLimit).Select(i => $"line {i}")];
        foreach (string line in lines)
        {
            sender.Append(Encoding.ASCII.GetBytes(line));
        }
        sender.Flush();
        Assert.Equal(lines, ReadAll(receiver, lines.Length));
        Assert.Equal(0, sender.DroppedTotal);
    }

    [Fact]
    public void Nothing_leaves_before_it_is_asked_for_or_there_is_no_room()
    {
        using Socket receiver = Receiver();
        using DatagramSender sender = To(receiver);
        sender.Append(new byte[1]);
        Assert.Equal(0, receiver.Available);
        for (int i = 0; i < DatagramSender.BatchLimit; i++)
        {
            sender.Append(new byte[1]);
        }
        Assert.Equal(DatagramSender.BatchLimit, ReadAll(receiver, DatagramSender.BatchLimit).Count);
        Assert.Equal(0, receiver.Available);
    }

    [Fact]
    public void Large_datagrams_share_the_buffer_and_too_large_ones_are_dropped()
    {
        using Socket receiver = Receiver();
        using DatagramSender sender = To(receiver);
        for (int i = 0; i < 5; i++)
        {
            sender.Append(new byte[30_000]);
        }
        sender.Append(new byte[DatagramSender.BufferSize + 1]);
        sender.Flush();
        Assert.All(ReadAll(receiver, 5), text => Assert.Equal(30_000, text.Length));
        Assert.Equal(1, sender.DroppedTotal);
    }

    [Fact]
    public void A_receiver_that_is_gone_costs_datagrams_and_nothing_else()
    {
        IPEndPoint at;
        using (Socket gone = Receiver())
        {
            at = (IPEndPoint)gone.LocalEndPoint!;
        }
        using DatagramSender sender = DatagramSender.TryOpen(at, out _)!;
        for (int i = 0; i < 10; i++)
        {
            sender.Append(new byte[1]);
            sender.Flush();
        }

        // The first of each pair is taken and refused by the other side (udp(7)): the sender learns of it with the next one.
        Assert.InRange(sender.DroppedTotal, 0, 10);
        using var back = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        back.Bind(at);
        back.ReceiveTimeout = 10_000;
        sender.Append("there again"u8);
        sender.Flush();
        Assert.Equal(["there again"], ReadAll(back, 1));
    }

    [Fact]
    public void A_unix_socket_is_looked_up_anew()
    {
        string path = Path.Combine(Path.GetTempPath(), $"datagrams-{Guid.NewGuid():N}");
        using DatagramSender sender = DatagramSender.TryOpenUnix(path, out _)!;
        sender.Append("nobody is there"u8);
        sender.Flush();
        Assert.Equal(1, sender.DroppedTotal);

        using var receiver = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        receiver.Bind(new UnixDomainSocketEndPoint(path));
        receiver.ReceiveTimeout = 10_000;
        sender.Append("one"u8);
        sender.Append("two"u8);
        sender.Flush();
        Assert.Equal(["one", "two"], ReadAll(receiver, 2));
        Assert.Equal(1, sender.DroppedTotal);
        File.Delete(path);
    }

    [Fact]
    public void A_path_that_is_too_long_is_refused()
    {
        Assert.Null(DatagramSender.TryOpenUnix(new string('x', 108), out SysResult reason));
        Assert.Equal(Errno.EINVAL, reason.Error);
    }

    private static Socket Receiver()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveBufferSize = 1 << 20, ReceiveTimeout = 10_000 };
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return socket;
    }

    private static DatagramSender To(Socket receiver) => DatagramSender.TryOpen((IPEndPoint)receiver.LocalEndPoint!, out _)!;

    private static List<string> ReadAll(Socket receiver, int count)
    {
        var buffer = new byte[65536];
        var read = new List<string>();
        for (int i = 0; i < count; i++)
        {
            read.Add(Encoding.ASCII.GetString(buffer, 0, receiver.Receive(buffer)));
        }
        return read;
    }
}
