using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Reflection;

namespace ExchangeLb.Lab.Tests.World;

/// <summary>
/// The article's network, in namespaces: a client with 24 addresses, the balancer's host, and two nginx as Exchange stand-ins. Made once for
/// all tests of a class; each test brings its own balancer.
/// </summary>
public sealed class LabWorld : IDisposable
{
    internal const string Site = "mail.vcloudlab.local";
    internal const string Service = "192.168.200.25";

    private static int _worlds;

    private readonly string _prefix = $"elb-t{Environment.ProcessId}-{++_worlds}-";
    private readonly Daemon?[] _servers = new Daemon?[3];
    private readonly List<NetworkNamespace> _all = [];
    private readonly NetworkNamespace _net;
    private readonly NetworkNamespace[] _exchange;

    public LabWorld()
    {
        Folder = Directory.CreateTempSubdirectory("exchangelb-lab-").FullName;
        Directory.CreateDirectory(Path.Combine(Folder, "files"));
        Authority.WriteTo(Folder);
        _net = New("net");
        _net.Ip("link", "add", "bridge", "type", "bridge", "forward_delay", "0");
        _net.Ip("link", "set", "bridge", "up");
        Client = Host("client", [.. Enumerable.Range(51, 24)]);
        Balancer = Host("lb1", 21, 25);
        _exchange = [Host("exchange1", 103), Host("exchange2", 104)];
        try
        {
            StartServer(1);
            StartServer(2);
        }
        catch
        {
            Dispose();   // xunit does not, when a fixture's constructor fails
            throw;
        }
    }

    internal static string RepositoryRoot { get; } = Path.GetFullPath(Metadata("RepositoryRoot"));

    /// <summary>The program of the build that these tests belong to.</summary>
    internal static string BuiltProgram { get; } = Path.GetFullPath(Metadata("BuiltProgram"));

    /// <summary>A balancer and a guard without a cluster, of the same build.</summary>
    internal static string BuiltStandIn { get; } = Path.GetFullPath(Metadata("BuiltStandIn"));

    /// <summary>What measures the drills, of the same build.</summary>
    internal static string BuiltDrillClient { get; } = Path.GetFullPath(Metadata("BuiltDrillClient"));

    internal string Folder { get; }

    internal NetworkNamespace Client { get; }

    internal NetworkNamespace Balancer { get; }

    internal NetworkNamespace Exchange(int number) => _exchange[number - 1];

    internal void StartServer(int number)
    {
        string name = $"exchange{number}";
        string configuration = Path.Combine(Folder, name + ".conf");
        File.WriteAllText(configuration, File.ReadAllText(Path.Combine(RepositoryRoot, "vagrant/lab/exchange.nginx.conf")).Replace("STATE", Folder, StringComparison.Ordinal).Replace("NAME", name, StringComparison.Ordinal));
        Daemon server = Exchange(number).Start("nginx", "-c", configuration, "-e", Path.Combine(Folder, name + ".error.log"));
        _servers[number] = server;
        Eventually.Holds(Eventually.Seconds(30), () => Answers($"192.168.200.{102 + number}", 443), () => $"{name} does not listen: {server.Said}");
    }

    internal void KillServer(int number)
    {
        _servers[number]?.Dispose();
        _servers[number] = null;
    }

    /// <summary>Starts those that a test has killed.</summary>
    internal void MendServers()
    {
        foreach (int number in new[] { 1, 2 })
        {
            if (_servers[number] is not { Runs: true }) { StartServer(number); }
        }
    }

    /// <summary>A plain TCP connection from one of the client's addresses.</summary>
    internal Socket Connect(int from, int port)
    {
        Socket socket = Client.Tcp($"192.168.200.{from}");
        socket.Connect(IPAddress.Parse(Service), port);
        return socket;
    }

    /// <summary>curl, over verified TLS, from one of the client's addresses.</summary>
    internal Command.Outcome Curl(int from, string path, params string[] options) => Client.Try("curl", [
        "--silent", "--show-error", "--fail", "--noproxy", "*", "--max-time", "60", "--cacert", Path.Combine(Folder, "ca.crt"),
        "--resolve", $"{Site}:443:{Service}", "--interface", $"192.168.200.{from}", .. options, $"https://{Site}{path}"]);

    /// <summary>The name of the server that answers this client; a line that begins with "curl" when none does.</summary>
    internal string Ask(int from)
    {
        Command.Outcome outcome = Curl(from, "/");
        return outcome.ExitCode == 0 ? outcome.Output.Trim() : outcome.Errors.Trim();
    }

    internal IReadOnlyList<string> AskFromEach(int first, int count) => [.. Enumerable.Range(first, count).Select(Ask)];

    public void Dispose()
    {
        KillServer(1);
        KillServer(2);
        foreach (NetworkNamespace host in _all) { host.Dispose(); }
        Directory.Delete(Folder, recursive: true);
    }

    private NetworkNamespace Host(string name, params int[] addresses)
    {
        NetworkNamespace host = New(name);
        host.Ip("link", "add", "eth0", "type", "veth", "peer", "name", name, "netns", _net.Name);
        _net.Ip("link", "set", name, "master", "bridge", "up");
        host.Ip("link", "set", "eth0", "up");
        foreach (int address in addresses) { host.Ip("address", "add", $"192.168.200.{address}/24", "dev", "eth0"); }
        host.Set("ipv4/ip_forward", "0");
        host.Set("ipv4/tcp_congestion_control", "reno");
        return host;
    }

    private NetworkNamespace New(string name)
    {
        NetworkNamespace host = new(_prefix + name);
        _all.Add(host);
        return host;
    }

    private bool Answers(string address, int port)
    {
        using Socket socket = Client.Tcp("192.168.200.51");
        try
        {
            socket.Connect(IPAddress.Parse(address), port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static string Metadata(string key) =>
        typeof(LabWorld).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == key).Value!;
}
