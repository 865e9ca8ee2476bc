using System;
using System.Collections.Generic;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using ExchangeLb.Lab.Tests.World;
using ExchangeLb.Linux.Repair;

namespace ExchangeLb.Lab.Tests.Repair;

/// <summary>
/// A client, and two nodes that both have the virtual addresses and one hardware address: which of them is there is a matter of the fences
/// alone, and the bridge learns it from the first frame. Neighbours are permanent, so nothing else is on the wire.
/// </summary>
public sealed class RepairWorld : IDisposable
{
    internal const int V4 = 4;
    internal const int V6 = 6;
    internal const int Port = 7443;
    private const string NodeMac = "02:78:00:00:00:aa";
    private const string ClientMac = "02:78:00:00:00:11";

    private static int _worlds;

    private readonly string _prefix = string.Create(CultureInfo.InvariantCulture, $"rp-{Environment.ProcessId}-{++_worlds}-");
    private readonly List<NetworkNamespace> _all = [];
    private readonly NetworkNamespace _net;

    public RepairWorld()
    {
        _net = New("net");
        _net.Ip("link", "add", "bridge", "type", "bridge", "forward_delay", "0", "mcast_snooping", "0");
        _net.Ip("link", "set", "bridge", "up");
        ClientSide = Host("client", ClientMac, "11", NodeMac, "100");
        A = Host("node-a", NodeMac, "100", ClientMac, "11");
        B = Host("node-b", NodeMac, "100", ClientMac, "11");
        ClientSide.OpenFence();
        A.OpenFence();
    }

    internal NetworkNamespace Client => ClientSide.Host;

    /// <summary>The client's own fence: what reaches it no more.</summary>
    internal RepairNode ClientSide { get; }

    internal RepairNode A { get; }

    internal RepairNode B { get; }

    internal static IPAddress Vip(int version) => IPAddress.Parse(version == V4 ? "10.78.0.100" : "fd78::100");

    internal static IPAddress ClientAddress { get; } = IPAddress.Parse("10.78.0.11");

    /// <summary>A connection from the client to node a. No test begins with what another one left: a is open, b fenced.</summary>
    internal MovableConnection Connect(int version)
    {
        B.Fence();
        A.OpenFence();
        ClientSide.OpenFence();
        return MovableConnection.Open(this, version);
    }

    /// <summary>Both nodes' tcp_rmem and tcp_wmem.</summary>
    internal void LimitBuffers(int most)
    {
        foreach (RepairNode node in (ReadOnlySpan<RepairNode>)[A, B])
        {
            node.Host.Set("ipv4/tcp_rmem", string.Create(CultureInfo.InvariantCulture, $"4096 131072 {most}"));
            node.Host.Set("ipv4/tcp_wmem", string.Create(CultureInfo.InvariantCulture, $"4096 16384 {most}"));
            node.Buffers = new KernelBuffers(most, most);
        }
    }

    public void Dispose()
    {
        ClientSide?.Dispose();
        A?.Dispose();
        B?.Dispose();
        foreach (NetworkNamespace host in _all) { host.Dispose(); }
    }

    /// <param name="number">The last one of its addresses.</param>
    private RepairNode Host(string name, string mac, string number, string otherMac, string otherNumber)
    {
        NetworkNamespace host = New(name);
        host.Set("ipv6/conf/default/accept_dad", "0");
        host.Set("ipv6/conf/default/router_solicitations", "0");
        host.Ip("link", "add", "eth0", "address", mac, "type", "veth", "peer", "name", name, "netns", _net.Name);
        host.Ip("link", "set", "eth0", "addrgenmode", "none");
        _net.Ip("link", "set", name, "master", "bridge", "up");
        host.Ip("link", "set", "eth0", "up");
        foreach ((string prefix, string length) in (ReadOnlySpan<(string, string)>)[("10.78.0.", "/24"), ("fd78::", "/64")])
        {
            host.Ip("address", "add", prefix + number + length, "dev", "eth0");
            host.Ip("neigh", "add", prefix + otherNumber, "lladdr", otherMac, "dev", "eth0", "nud", "permanent");
        }
        return new RepairNode(host);
    }

    private NetworkNamespace New(string name)
    {
        NetworkNamespace host = new(_prefix + name);
        _all.Add(host);
        return host;
    }

    /// <summary>A blocking socket of the client, with limits.</summary>
    internal Socket ClientSocket(int version) => Client.Inside(() => new Socket(
        version == V4 ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp)
    { ReceiveTimeout = 20_000, SendTimeout = 20_000 });
}
