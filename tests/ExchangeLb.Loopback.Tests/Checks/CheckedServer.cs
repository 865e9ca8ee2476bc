using System;
using System.Net;
using System.Threading;
using ExchangeLb.Loopback.Tests.Fakes;

namespace ExchangeLb.Loopback.Tests.Checks;

/// <summary>A server that is only checked: it counts the checks, by what it answers to them at the time.</summary>
internal sealed class CheckedServer : IDisposable
{
    private readonly ScriptedServer _server;
    private volatile string _answer;
    private int _sinceChange;
    private int _total;

    /// <param name="answer">Sent after the request has come; empty: the connection is closed without one.</param>
    public CheckedServer(string answer)
    {
        _answer = answer;
        _server = new ScriptedServer(Answer);
    }

    public IPEndPoint EndPoint => _server.EndPoint;

    /// <summary>Checks so far.</summary>
    public int Total => Volatile.Read(ref _total);

    /// <summary>Checks that got the present answer.</summary>
    public int SinceChange => Volatile.Read(ref _sinceChange);

    public void ChangeAnswer(string answer)
    {
        lock (_server)
        {
            _answer = answer;
            _sinceChange = 0;
        }
    }

    public void Dispose() => _server.Dispose();

    private void Answer(Peer peer)
    {
        if (peer.Socket.Receive(new byte[4096]) == 0)
        {
            return;
        }
        lock (_server)
        {
            _total++;
            _sinceChange++;
            if (_answer.Length > 0)
            {
                peer.Send(_answer);
            }
        }
    }
}
