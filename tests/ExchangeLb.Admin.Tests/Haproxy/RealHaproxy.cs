using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading.Tasks;

namespace ExchangeLb.Admin.Tests.Haproxy;

/// <summary>
/// HAProxy on loopback with one of each kind of row: a stats page, checked servers that answer and that do not, one without
/// check, one in maintenance, a backup with limits, a frontend with a backend of its own, a backend without servers.
/// </summary>
internal sealed class RealHaproxy : IDisposable
{
    public const string Program = "/usr/sbin/haproxy";

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("haproxy");
    private readonly Socket _log = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly Process _process;

    private readonly List<string> _awaited =
    [
        "server e2k13/passing succeeded", "server e2k13/spare succeeded", "Server e2k13/refused is DOWN",
    ];

    public RealHaproxy()
    {
        int[] ports = FreePorts(4);
        (StatsPort, ClosedPort) = (ports[0], ports[3]);
        _log.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        string config = Path.Combine(_directory.FullName, "haproxy.cfg");
        File.WriteAllText(config, $"""
            global
                stats socket {SocketPath("admin")} level admin
                stats socket {SocketPath("user")} level user
                nbthread 1
                maxconn 2000
                log 127.0.0.1:{((IPEndPoint)_log.LocalEndPoint!).Port} local0
                node lb1
            defaults
                timeout client 10s
                timeout server 10s
                timeout connect 1s
            listen stats
                bind 127.0.0.1:{StatsPort}
                mode http
                stats enable
                stats uri /st
            listen e2k13
                bind 127.0.0.1:{ports[1]}
                mode tcp
                balance roundrobin
                log global
                option log-health-checks
                stick-table type ip size 20k expire 15m
                stick on src
                server passing 127.0.0.1:{StatsPort} check inter 100ms
                server refused 127.0.0.1:{ClosedPort} check inter 100ms
                server unchecked 127.0.0.1:{ClosedPort} weight 7
                server resting 127.0.0.1:{ClosedPort} check disabled
                server spare 127.0.0.1:{StatsPort} check inter 100ms backup maxconn 10 maxqueue 5
            frontend entry
                bind 127.0.0.1:{ports[2]}
                mode tcp
                default_backend farm
            backend farm
                mode tcp
                balance leastconn
                server only [::1]:{ClosedPort}
            backend empty
                mode tcp

            """);
        _process = Process.Start(new ProcessStartInfo(Program, ["-db", "-q", "-f", config]))!;
    }

    public int StatsPort { get; }

    public int ClosedPort { get; }

    /// <summary>The statistics once the checks have told what they will tell, which haproxy logs.</summary>
    public async Task<string> SettledStatisticsAsync()
    {
        // 1. Each first result is one log line.
        byte[] line = new byte[2048];
        while (_awaited.Count > 0)
        {
            int length = await _log.ReceiveAsync(line).WaitAsync(TimeSpan.FromSeconds(20));
            string text = Encoding.UTF8.GetString(line, 0, length);
            _awaited.RemoveAll(awaited => text.Contains(awaited, StringComparison.Ordinal));
        }

        // 2. While a check is going on ("* L4CON") HAProxy has forgotten what the last one saw: ask again.
        for (int attempt = 0; attempt < 1000; attempt++)
        {
            string csv = await AskAsync("show stat");
            if (!csv.Contains(",* ", StringComparison.Ordinal))
            {
                return csv;
            }
        }
        throw new TimeoutException("haproxy's checks are always going on");
    }

    public async Task<string> AskAsync(string line, string level = "admin")
    {
        using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await client.ConnectAsync(new UnixDomainSocketEndPoint(SocketPath(level)));
        await client.SendAsync(Encoding.UTF8.GetBytes(line + "\n"));
        return await ReadAsync(client);
    }

    public async Task<string> GetAsync(string request)
    {
        using var client = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(new IPEndPoint(IPAddress.Loopback, StatsPort));
        await client.SendAsync(Encoding.Latin1.GetBytes(request));
        return await ReadAsync(client);
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _log.Dispose();
        _directory.Delete(recursive: true);
    }

    private static async Task<string> ReadAsync(Socket client)
    {
        var text = new StringBuilder();
        byte[] buffer = new byte[65536];
        while (await client.ReceiveAsync(buffer).WaitAsync(TimeSpan.FromSeconds(20)) is var count and > 0)
        {
            text.Append(Encoding.UTF8.GetString(buffer, 0, count));
        }
        return text.ToString();
    }

    private static int[] FreePorts(int count)
    {
        TcpListener[] listeners = [.. Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0))];
        Array.ForEach(listeners, listener => listener.Start());
        int[] ports = [.. listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        Array.ForEach(listeners, listener => listener.Stop());
        return ports;
    }

    private string SocketPath(string level) => Path.Combine(_directory.FullName, level + ".sock");
}
