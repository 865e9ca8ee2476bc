using System;
using System.Collections.Generic;
using System.IO;
using System.Net.Sockets;
using System.Text;
using ExchangeLb.Bench.Kernel;

namespace ExchangeLb.Bench.Proxies;

/// <summary>Asks a proxy by its stats socket: one command, one answer, close.</summary>
internal static class StatsSocket
{
    private const int LimitMs = 5000;

    /// <summary>The lines "name: value" of `show info`.</summary>
    internal static Dictionary<string, string> ShowInfo(ProxyPlan plan)
    {
        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { ReceiveTimeout = LimitMs };
            socket.Connect(new UnixDomainSocketEndPoint(plan.StatsSocket));
            socket.Send("show info\n"u8);
            using var reader = new StreamReader(new NetworkStream(socket), Encoding.UTF8);
            var info = new Dictionary<string, string>(StringComparer.Ordinal);
            while (reader.ReadLine() is { } line)
            {
                if (line.Split(": ", 2) is [var name, var value]) { info[name] = value; }
            }
            return info.ContainsKey("CurrConns") ? info : throw new BrokenRunException($"{plan.Label}: show info told no CurrConns");
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            throw new BrokenRunException($"{plan.Label}: the stats socket does not answer: {e.Message}");
        }
    }
}
