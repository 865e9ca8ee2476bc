using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading;

namespace ExchangeLb.Loopback.Tests.Fakes;

/// <summary>A syslog receiver: keeps all lines that come by UDP.</summary>
internal sealed class LogCollector : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly List<string> _lines = [];
    private int _nextSession;

    public LogCollector()
    {
        _socket.ReceiveBufferSize = 4 * 1024 * 1024;
        _socket.Bind(new IPEndPoint(Addresses.Fresh(), 0));
        EndPoint = (IPEndPoint)_socket.LocalEndPoint!;
        new Thread(ReceiveAll) { IsBackground = true, Name = "log collector" }.Start();
    }

    public IPEndPoint EndPoint { get; }

    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_lines)
            {
                return [.. _lines];
            }
        }
    }

    /// <summary>The session lines so far.</summary>
    public IReadOnlyList<SessionLine> Sessions => [.. Lines.Select(SessionLine.Parse).OfType<SessionLine>()];

    /// <summary>The next line about a session, in the order in which they came.</summary>
    public SessionLine NextSession()
    {
        int wanted = _nextSession++;
        WaitFor(() => Sessions.Count > wanted, $"session line {wanted + 1} comes");
        return Sessions[wanted];
    }

    /// <summary>A line that contains the text, now or soon.</summary>
    public string LineWith(string text)
    {
        WaitFor(() => Lines.Any(line => line.Contains(text, StringComparison.Ordinal)), $"a line with '{text}' comes");
        return Lines.First(line => line.Contains(text, StringComparison.Ordinal));
    }

    public void Dispose() => _socket.Dispose();

    private void WaitFor(Func<bool> condition, string what)
    {
        try
        {
            Until.True(condition, what);
        }
        catch (TimeoutException late)
        {
            throw new TimeoutException($"{late.Message}; the log has:\n{string.Join('\n', Lines)}");
        }
    }

    private void ReceiveAll()
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (true)
            {
                int length = _socket.Receive(buffer);
                lock (_lines)
                {
                    _lines.Add(Encoding.UTF8.GetString(buffer, 0, length).TrimEnd('\n'));
                }
            }
        }
        catch (SocketException)
        {
            // disposed
        }
        catch (ObjectDisposedException)
        {
            // the same
        }
    }
}
