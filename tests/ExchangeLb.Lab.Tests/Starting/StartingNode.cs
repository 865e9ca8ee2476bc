using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using ExchangeLb.Lab.Tests.World;

namespace ExchangeLb.Lab.Tests.Starting;

/// <summary>A host, and how a whole node is started on it: `exchangelb -f haproxy.cfg --cluster cluster.cfg`, with what a test puts in its way.</summary>
internal sealed class StartingNode : IDisposable
{
    private static int _hosts;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("start-error");
    private readonly List<Daemon> _running = [];

    internal StartingNode(string name)
    {
        Name = name;
        Host = new NetworkNamespace($"elb-e{Environment.ProcessId}-{++_hosts}");
        Command.Run("chown", "nobody", _folder.FullName);
        WriteKey(0);
    }

    internal string Name { get; }

    internal NetworkNamespace Host { get; }

    /// <summary>The `node` lines of cluster.cfg.</summary>
    internal string Nodes { get; set; } = "    node lb1 192.0.2.1\n";

    internal string Device { get; set; } = "eth0";

    internal int Port { get; set; } = 443;

    /// <summary>Two hosts at one cable, each with its address.</summary>
    internal static (StartingNode First, StartingNode Second) Pair()
    {
        (StartingNode first, StartingNode second) = (new("lb1"), new("lb2"));
        first.Host.Ip("link", "add", "eth0", "type", "veth", "peer", "name", "eth0", "netns", second.Host.Name);
        foreach ((StartingNode node, string address) in new[] { (first, "192.0.2.1/24"), (second, "192.0.2.2/24") })
        {
            node.Nodes = "    node lb1 192.0.2.1\n    node lb2 192.0.2.2\n";
            node.Host.Ip("link", "set", "eth0", "up");
            node.Host.Ip("address", "add", address, "dev", "eth0");
        }
        return (first, second);
    }

    internal string State(string folder) => Path.Combine(_folder.FullName, folder);

    internal void WriteKey(byte content)
    {
        string key = State("cluster.key");
        File.WriteAllBytes(key, [.. Enumerable.Repeat(content, 256)]);
        Command.Run("chmod", "600", key);
    }

    /// <summary>Runs until it is disposed of.</summary>
    internal Daemon Run(string state = "state", params string[] before)
    {
        Daemon daemon = new(StartInfo(state, before));
        _running.Add(daemon);
        return daemon;
    }

    /// <summary>To its end.</summary>
    internal Command.Outcome Start(string state = "state", params string[] before) => Command.Try(StartInfo(state, before));

    /// <summary>`exchangelb status`, as one line: a narrow terminal's would break in the midst of what it says.</summary>
    internal string Status()
    {
        Command.Outcome told = Command.Try(WithRuntime(new ProcessStartInfo(LabWorld.BuiltProgram, ["status", "--state", State("state")])));
        return string.Join(' ', (told.Output + told.Errors).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
    }

    /// <summary>In order, so that Corosync takes its shared memory along.</summary>
    public void Dispose()
    {
        foreach (Daemon daemon in _running.Where(daemon => daemon.Runs)) { Command.Try("kill", "-TERM", $"{daemon.Pid}"); }
        foreach (Daemon daemon in _running)
        {
            daemon.EndsWithin(Eventually.Seconds(20));
            daemon.Dispose();
        }
        Host.Dispose();
        _folder.Delete(recursive: true);
    }

    private ProcessStartInfo StartInfo(string state, string[] before)
    {
        string balancer = Write("haproxy.cfg", $"listen a\n    bind 192.0.2.25:{Port}\n    timeout client 1s\n    timeout connect 1s\n    timeout server 1s\n    server s 192.0.2.9:443\n");
        string cluster = Write("cluster.cfg", $"cluster pair\n{Nodes}    vip 192.0.2.25/24 dev {Device}\n    key-file {State("cluster.key")}\n");
        return WithRuntime(Host.StartInfo("env", [.. before, LabWorld.BuiltProgram, "-db", "-f", balancer, "--cluster", cluster, "--node", Name, "--state", State(state)]));
    }

    private static ProcessStartInfo WithRuntime(ProcessStartInfo start)
    {
        if (RunningBalancer.DotnetRoot() is { } root) { start.Environment["DOTNET_ROOT"] = root; }
        return start;
    }

    private string Write(string name, string text)
    {
        File.WriteAllText(State(name), text);
        return State(name);
    }
}
