using System;
using System.Collections.Generic;
using System.Linq;
using System.Net.Sockets;
using System.Text;
using System.Threading.Tasks;

namespace ExchangeLb.Lab.Tests.World;

/// <summary>A syslog server: keeps every datagram as a line.</summary>
internal sealed class LogReceiver : IDisposable
{
    private readonly Socket _socket;
    private readonly List<string> _lines = [];
    private readonly Task _receiving;

    internal LogReceiver(Socket socket)
    {
        _socket = socket;
        _receiving = Task.Run(ReceiveAsync);
    }

    internal IReadOnlyList<string> Lines
    {
        get
        {
            lock (_lines) { return [.. _lines]; }
        }
    }

    /// <summary>The sessions of `option tcplog` that were logged, in their order.</summary>
    internal IReadOnlyList<SessionLine> Sessions => [.. Lines.Select(SessionLine.Parse).OfType<SessionLine>()];

    internal SessionLine WaitForSession(Func<SessionLine, bool> wanted)
    {
        Eventually.Holds(Eventually.Seconds(30), () => Sessions.Any(wanted), () => "not logged; what was logged:\n" + string.Join('\n', Lines.TakeLast(10)));
        return Sessions.Last(wanted);
    }

    public void Dispose()
    {
        _socket.Dispose();
        _receiving.Wait();
    }

    private async Task ReceiveAsync()
    {
        byte[] buffer = new byte[64 * 1024];
        try
        {
            while (true)
            {
                int length = await _socket.ReceiveAsync(buffer);
                lock (_lines) { _lines.Add(Encoding.UTF8.GetString(buffer, 0, length).TrimEnd('\n')); }
            }
        }
        catch (Exception end) when (end is SocketException or ObjectDisposedException)
        {
            // Disposed: the test is over.
        }
    }
}
