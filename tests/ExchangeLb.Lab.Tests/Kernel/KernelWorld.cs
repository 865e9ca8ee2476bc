using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Cluster.Kernel;
using ExchangeLb.Core.Model;
using ExchangeLb.Lab.Tests.World;

namespace ExchangeLb.Lab.Tests.Kernel;

/// <summary>A client and two nodes on one bridge, with IPv4 and IPv6, and one VIP of each kind.</summary>
public sealed class KernelWorld : IDisposable
{
    internal const string Vip4 = "10.77.0.100";
    internal const string Vip6 = "fd77::100";
    internal const int V4 = 0;
    internal const int V6 = 1;

    private const int IPPROTO_TCP = 6;
    private const int TCP_INFO = 11;

    private static int _worlds;

    private readonly string _prefix = $"elb-k{Environment.ProcessId}-{++_worlds}-";
    private readonly List<NetworkNamespace> _all = [];
    private readonly NetworkNamespace _net;

    public KernelWorld()
    {
        _net = New("net");
        _net.Ip("link", "add", "bridge", "type", "bridge", "forward_delay", "0", "mcast_snooping", "0");
        _net.Ip("link", "set", "bridge", "up");
        Client = Host("client", 11);
        Hosts = [Host("lb1", 21), Host("lb2", 22)];
    }

    internal NetworkNamespace Client { get; }

    internal ImmutableArray<NetworkNamespace> Hosts { get; }

    /// <param name="lease">Of the model; the kernel takes only the life of addresses from it.</param>
    internal static ClusterModel Model(TimeSpan lease) => new(
        "kernel",
        [new ClusterNodeModel(1, "lb1", [IPAddress.Parse("10.77.0.21")], 100), new ClusterNodeModel(2, "lb2", [IPAddress.Parse("10.77.0.22")], 90)],
        [new VipModel(IPAddress.Parse(Vip4), 24, "eth0", []), new VipModel(IPAddress.Parse(Vip6), 64, "eth0", [])])
    { Timings = ClusterTimings.For(lease, 2) };

    /// <param name="leaseMs">Of the model: addresses outlive their last renewal by three times as much, but two seconds at least.</param>
    internal KernelNode Node(int number, int leaseMs = 10_000) => new(Hosts[number - 1], Model(TimeSpan.FromMilliseconds(leaseMs)), new NodeId((uint)number));

    /// <summary>The switch's port of a host.</summary>
    internal void Port(string host, bool up) => _net.Ip("link", "set", host, up ? "up" : "down");

    /// <summary>Takes a node's network card out, and puts one in.</summary>
    internal void RemoveDevice(int node) => Hosts[node - 1].Ip("link", "delete", "eth0");

    internal void AddDevice(int node) => Connect(Hosts[node - 1], $"lb{node}", 20 + node);

    internal static Socket Listen(NetworkNamespace host, int vip, int port) => host.Inside(() =>
    {
        Socket socket = new(Address(vip).AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        socket.Bind(new IPEndPoint(vip == V4 ? IPAddress.Any : IPAddress.IPv6Any, port));
        socket.Listen();
        return socket;
    });

    /// <summary>From the client: how long it took, and how often its kernel repeated something; null: it was refused, or not answered in time.</summary>
    internal async Task<(TimeSpan Took, int Repeated)?> Connect(int vip, int port, TimeSpan limit)
    {
        using Socket socket = Client.Inside(() => new Socket(Address(vip).AddressFamily, SocketType.Stream, ProtocolType.Tcp));
        using CancellationTokenSource late = new(limit);
        long start = Stopwatch.GetTimestamp();
        try
        {
            await socket.ConnectAsync(Address(vip), port, late.Token);
            return (Stopwatch.GetElapsedTime(start), Repeated(socket));
        }
        catch (Exception failure) when (failure is SocketException or OperationCanceledException)
        {
            return null;
        }
    }

    /// <summary>tcpi_total_retrans of struct tcp_info (linux/tcp.h), the SYN included.</summary>
    private static int Repeated(Socket socket)
    {
        byte[] facts = new byte[104];
        socket.GetRawSocketOption(IPPROTO_TCP, TCP_INFO, facts);
        return BitConverter.ToInt32(facts, 100);
    }

    internal bool Connects(int vip, int port, TimeSpan limit) => Connect(vip, port, limit).Result is not null;

    internal static IPAddress Address(int vip) => IPAddress.Parse(vip == V4 ? Vip4 : Vip6);

    public void Dispose()
    {
        foreach (NetworkNamespace host in _all) { host.Dispose(); }
    }

    private NetworkNamespace Host(string name, int number)
    {
        NetworkNamespace host = New(name);
        host.Set("ipv6/conf/default/accept_dad", "0");
        Connect(host, name, number);
        return host;
    }

    private void Connect(NetworkNamespace host, string name, int number)
    {
        host.Ip("link", "add", "eth0", "type", "veth", "peer", "name", name, "netns", _net.Name);
        _net.Ip("link", "set", name, "master", "bridge", "up");
        host.Ip("link", "set", "eth0", "up");
        host.Ip("address", "add", $"10.77.0.{number}/24", "dev", "eth0");
        host.Ip("address", "add", $"fd77::{number}/64", "dev", "eth0", "nodad");
    }

    private NetworkNamespace New(string name)
    {
        NetworkNamespace host = new(_prefix + name);
        _all.Add(host);
        return host;
    }
}
