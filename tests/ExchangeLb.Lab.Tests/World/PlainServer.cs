using System;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Threading;

namespace ExchangeLb.Lab.Tests.World;

/// <summary>A TCP server on one of the lab's hosts which does with each connection what a test says.</summary>
internal sealed class PlainServer : IDisposable
{
    private readonly Socket _listener;
    private readonly ConcurrentBag<Socket> _connections = [];

    internal PlainServer(NetworkNamespace host, IPEndPoint local, Action<Socket> serve)
    {
        _listener = host.TcpListener(local);
        Begin(() => Accept(serve));
    }

    /// <summary>Answers all that it reads, and closes after the client has.</summary>
    internal static void Echo(Socket connection)
    {
        byte[] buffer = new byte[64 * 1024];
        for (int read; (read = connection.Receive(buffer)) > 0;) { connection.Send(buffer, 0, read, SocketFlags.None); }
        connection.Dispose();
    }

    /// <summary>Answers the first byte, and resets the connection at the second: so the answer is not overtaken by the reset.</summary>
    internal static void AnswerThenReset(Socket connection)
    {
        connection.Receive(new byte[1]);
        connection.Send("goodbye"u8);
        connection.Receive(new byte[1]);
        Reset(connection);
    }

    /// <summary>The other side of it: ends when the connection has ended.</summary>
    internal static void ProvokeReset(Socket client)
    {
        client.Send("x"u8);
        client.Receive(new byte[7]);
        client.Send("y"u8);
    }

    /// <summary>Reads on until the other side ends or resets the connection.</summary>
    internal static void WaitForTheEnd(Socket client)
    {
        byte[] buffer = new byte[4096];
        try
        {
            while (client.Receive(buffer) > 0) { }
        }
        catch (SocketException reset) when (reset.SocketErrorCode == SocketError.ConnectionReset)
        {
            // That is an end, too.
        }
    }

    /// <summary>Accepts, and that is all.</summary>
    internal static void SayNothing(Socket connection)
    {
    }

    internal static void Reset(Socket connection)
    {
        connection.LingerState = new LingerOption(true, 0);
        connection.Close();
    }

    public void Dispose()
    {
        _listener.Dispose();
        foreach (Socket connection in _connections) { connection.Dispose(); }
    }

    /// <summary>Threads of their own: they block, and would starve the pool.</summary>
    private static void Begin(ThreadStart work) => new Thread(work) { IsBackground = true }.Start();

    private void Accept(Action<Socket> serve)
    {
        try
        {
            while (true)
            {
                Socket connection = _listener.Accept();
                _connections.Add(connection);
                Begin(() => Serve(serve, connection));
            }
        }
        catch (Exception end) when (end is SocketException or ObjectDisposedException)
        {
            // Disposed: the test is over.
        }
    }

    private static void Serve(Action<Socket> serve, Socket connection)
    {
        try
        {
            serve(connection);
        }
        catch (Exception end) when (end is SocketException or ObjectDisposedException)
        {
            connection.Dispose();
        }
    }
}
