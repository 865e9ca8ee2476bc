using System;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;

namespace ExchangeLb.Loopback.Tests.Fakes;

/// <summary>A TCP server whose connections the test accepts and plays one by one, or which answers each by a given play.</summary>
internal sealed class ScriptedServer : IDisposable
{
    private readonly Socket _listener;
    private readonly Action<Peer>? _play;
    private readonly BlockingCollection<Peer> _accepted = [];
    private int _acceptedTotal;

    /// <param name="play">What each connection does, on a thread of its own; null: the test takes it by <see cref="Accept"/>.</param>
    public ScriptedServer(Action<Peer>? play = null, IPEndPoint? at = null)
    {
        _play = play;
        IPEndPoint endPoint = at ?? new IPEndPoint(Addresses.Fresh(), 0);
        _listener = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        _listener.Bind(endPoint);
        _listener.Listen(1024);
        EndPoint = (IPEndPoint)_listener.LocalEndPoint!;
        new Thread(AcceptAll) { IsBackground = true, Name = "scripted server" }.Start();
    }

    public IPEndPoint EndPoint { get; }

    /// <summary>Connections so far.</summary>
    public int AcceptedTotal => Volatile.Read(ref _acceptedTotal);

    /// <summary>A server that says its name and ends the connection.</summary>
    public static ScriptedServer Saying(string name) => new(peer =>
    {
        peer.Send(name);
        peer.Finish();
        peer.ReadToAnyEnd();
    });

    /// <summary>A server that says its name and keeps the connection until the client ends it.</summary>
    public static ScriptedServer Greeting(string name) => new(peer =>
    {
        peer.Send(name);
        peer.ReadToAnyEnd();
    });

    /// <summary>A server that returns what it gets.</summary>
    public static ScriptedServer Echo() => new(peer =>
    {
        var buffer = new byte[64 * 1024];
        int read;
        while ((read = peer.Socket.Receive(buffer)) > 0)
        {
            peer.Send(buffer.AsSpan(0, read));
        }
        peer.Finish();
    });

    /// <summary>The next connection; fails when none comes in time.</summary>
    public Peer Accept() => _accepted.TryTake(out Peer? peer, Until.Patience)
        ? peer
        : throw new TimeoutException($"no connection came to the server at {EndPoint}");

    /// <summary>Further connections are refused.</summary>
    public void Dispose()
    {
        _listener.Dispose();
        while (_accepted.TryTake(out Peer? peer))
        {
            peer.Dispose();
        }
    }

    private void AcceptAll()
    {
        try
        {
            while (true)
            {
                var peer = new Peer(_listener.Accept());
                Interlocked.Increment(ref _acceptedTotal);
                if (_play is null)
                {
                    _accepted.Add(peer);
                }
                else
                {
                    Task.Factory.StartNew(() => Play(peer), TaskCreationOptions.LongRunning);
                }
            }
        }
        catch (SocketException)
        {
            // disposed: the server is gone
        }
        catch (ObjectDisposedException)
        {
            // the same
        }
    }

    private void Play(Peer peer)
    {
        using (peer)
        {
            try
            {
                _play!(peer);
            }
            catch (SocketException)
            {
                // the other side went away: what follows from that is what the test looks at
            }
        }
    }
}
