using System;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading.Tasks;

namespace ExchangeLb.Admin.Tests.Fakes;

/// <summary>A connection over loopback: one end for the test, the other for the code under test.</summary>
internal sealed class SocketPair : IDisposable
{
    private bool _taken;

    public SocketPair()
    {
        using var listener = new Socket(SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.IPv6Loopback, 0));
        listener.Listen();
        Client = new Socket(SocketType.Stream, ProtocolType.Tcp);
        Client.Connect(listener.LocalEndPoint!);
        Client.NoDelay = true;
        Server = listener.Accept();
    }

    public Socket Client { get; }

    public Socket Server { get; }

    /// <summary>The other end as a bare descriptor, which from now on belongs to the caller.</summary>
    public int TakeServer()
    {
        _taken = true;
        return Descriptors.TakeFrom(Server);
    }

    public void Send(string text) => Client.Send(Encoding.Latin1.GetBytes(text));

    /// <summary>Everything until the other side closes or resets; then closes this side, as clients do.</summary>
    public async Task<string> ReceiveAllAsync()
    {
        var text = new StringBuilder();
        byte[] buffer = new byte[65536];
        try
        {
            while (await Client.ReceiveAsync(buffer).WaitAsync(TimeSpan.FromSeconds(20)) is var count and > 0)
            {
                text.Append(Encoding.UTF8.GetString(buffer, 0, count));
            }
            Client.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException end) when (end.SocketErrorCode == SocketError.ConnectionReset)
        {
            // What was not wanted is closed at once.
        }
        return text.ToString();
    }

    /// <summary>Until what has come ends with <paramref name="end"/>.</summary>
    public async Task<string> ReceiveUntilAsync(string end)
    {
        var text = new StringBuilder();
        byte[] one = new byte[1];
        while (!text.ToString().EndsWith(end, StringComparison.Ordinal)
            && await Client.ReceiveAsync(one).WaitAsync(TimeSpan.FromSeconds(20)) > 0)
        {
            text.Append((char)one[0]);
        }
        return text.ToString();
    }

    public void Dispose()
    {
        Client.Dispose();
        if (!_taken)
        {
            Server.Dispose();
        }
    }
}
