using System.Net;
using System.Net.Sockets;
using ExchangeLb.Core.Runtime;

namespace ExchangeLb.Admin.Stats;

/// <summary>A server's address as HAProxy writes it: `192.0.2.1:443`, `[2001:db8::1]:443`; port 0 where the client's decides.</summary>
internal static class ServerAddress
{
    public static string Text(ServerSnapshot server) =>
        server.Address is { } known ? Text(known.Address, known.Port) : Text(server.Model.Address, server.Model.Port);

    private static string Text(IPAddress address, int port) =>
        address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{address}]:{port}" : $"{address}:{port}";
}
