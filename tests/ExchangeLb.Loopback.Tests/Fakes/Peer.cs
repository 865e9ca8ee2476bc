using System;
using System.IO;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ExchangeLb.Loopback.Tests.Fakes;

/// <summary>One end of a TCP connection as a test plays it: blocking calls, each within <see cref="Until.Patience"/>.</summary>
internal sealed class Peer : IDisposable
{
    public Peer(Socket socket)
    {
        Socket = socket;
        socket.NoDelay = true;
        socket.SendTimeout = socket.ReceiveTimeout = (int)Until.Patience.TotalMilliseconds;
    }

    public Socket Socket { get; }

    public IPEndPoint Remote => (IPEndPoint)Socket.RemoteEndPoint!;

    public IPEndPoint Local => (IPEndPoint)Socket.LocalEndPoint!;

    /// <param name="from">Source address; null: the kernel's choice.</param>
    /// <param name="receiveBuffer">Bytes, to be a reader that takes little before it reads; 0: the kernel's choice.</param>
    public static Peer Connect(IPEndPoint to, IPAddress? from = null, int receiveBuffer = 0)
    {
        var socket = new Socket(to.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        if (receiveBuffer > 0)
        {
            socket.ReceiveBufferSize = receiveBuffer;
        }
        if (from is not null)
        {
            socket.Bind(new IPEndPoint(from, 0));
        }
        socket.Connect(to);
        return new Peer(socket);
    }

    public void Send(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            bytes = bytes[Socket.Send(bytes)..];
        }
    }

    public void Send(string text) => Send(Encoding.ASCII.GetBytes(text));

    /// <summary>Exactly so many bytes.</summary>
    public byte[] Read(int count)
    {
        var bytes = new byte[count];
        for (int got = 0; got < count;)
        {
            int read = Socket.Receive(bytes, got, count - got, SocketFlags.None);
            if (read == 0)
            {
                throw new EndOfStreamException($"the stream ended after {got} of {count} bytes");
            }
            got += read;
        }
        return bytes;
    }

    public string ReadText(int count) => Encoding.ASCII.GetString(Read(count));

    /// <summary>All until the other side ends its direction.</summary>
    public byte[] ReadToEnd()
    {
        using var all = new MemoryStream();
        var buffer = new byte[64 * 1024];
        int read;
        while ((read = Socket.Receive(buffer)) > 0)
        {
            all.Write(buffer, 0, read);
        }
        return all.ToArray();
    }

    public string ReadTextToEnd() => Encoding.ASCII.GetString(ReadToEnd());

    /// <summary>Bytes until the connection is reset.</summary>
    public byte[] ReadToReset()
    {
        using var all = new MemoryStream();
        var buffer = new byte[64 * 1024];
        try
        {
            int read;
            while ((read = Socket.Receive(buffer)) > 0)
            {
                all.Write(buffer, 0, read);
            }
        }
        catch (SocketException reset) when (reset.SocketErrorCode == SocketError.ConnectionReset)
        {
            return all.ToArray();
        }
        throw new InvalidOperationException("the stream ended in order, not by a reset");
    }

    /// <summary>Waits for the end of the connection, be it in order or by a reset.</summary>
    public void ReadToAnyEnd()
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (Socket.Receive(buffer) > 0)
            {
                // nobody cares
            }
        }
        catch (SocketException reset) when (reset.SocketErrorCode is SocketError.ConnectionReset)
        {
            // that is an end, too
        }
    }

    /// <summary>Ends our direction: FIN.</summary>
    public void Finish() => Socket.Shutdown(SocketShutdown.Send);

    /// <summary>Ends the connection by RST.</summary>
    public void Reset()
    {
        Socket.LingerState = new LingerOption(true, 0);
        Socket.Dispose();
    }

    public void Dispose() => Socket.Dispose();
}
