using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Net;
using System.Threading;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Cluster.Engine.Corosync;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Cluster.Tests.Engine.Corosync;

/// <summary>Three network namespaces on a bridge, each with a Corosync as the product would start it. Shared by all tests of a class.</summary>
public sealed class NamespaceTrio : IDisposable
{
    private readonly string _prefix = $"elb-c{Environment.ProcessId}";
    private readonly string _folder = Directory.CreateTempSubdirectory("exchangelb-corosync-").FullName;
    private readonly List<string> _notes = [];
    private readonly SortedDictionary<NodeId, CorosyncProcess> _processes = [];
    private int _worlds;

    public NamespaceTrio()
    {
        if (!IsPossible) { return; }
        Ip($"netns add {_prefix}-br", $"-n {_prefix}-br link add br0 type bridge", $"-n {_prefix}-br link set br0 up");
        string key = Path.Combine(_folder, "cluster.key");
        if (ClusterKey.Create(key) is { } problem) { throw new InvalidOperationException(problem); }
        Model = new ClusterModel("trio", [.. Enumerable.Range(1, 3).Select(Node)], [])
        {
            KeyFile = key,
            Timings = ClusterTimings.For(TimeSpan.FromMilliseconds(400), 3),
        };
        foreach (ClusterNodeModel node in Model.Nodes)
        {
            Join(node);
            CorosyncProcess process = new(new CorosyncProcessOptions(Model, node, Path.Combine(_folder, node.Name), TimeProvider.System)
            {
                Note = (kind, text) => Note($"{node.Name} {kind}: {text}"),
                NetworkNamespace = Namespace(new NodeId(node.Id)),
            });
            _processes.Add(new NodeId(node.Id), process);
            process.Start();
        }
    }

    /// <summary>Namespaces need root.</summary>
    internal static bool IsPossible => Environment.IsPrivilegedProcess;

    internal ClusterModel Model { get; } = null!;

    internal IReadOnlyList<string> Notes
    {
        get { lock (_notes) { return [.. _notes]; } }
    }

    internal string Folder => _folder;

    internal CorosyncProcess this[NodeId node] => _processes[node];

    internal IEnumerable<CorosyncProcess> Processes => _processes.Values;

    /// <summary>Of a cluster that nobody had yet: what other tests said is not heard in it.</summary>
    internal ClusterModel NewCluster() => Model with { Name = $"trio-{Interlocked.Increment(ref _worlds)}" };

    internal CorosyncOptions Options(ClusterModel model, NodeId node) => new(model, node, TimeProvider.System)
    {
        NetworkNamespace = Namespace(node),
        Note = (kind, text) => Note($"engine of {node} {kind}: {text}"),
    };

    internal void Cut(NodeId node) => Ip($"-n {_prefix}-br link set p{node} down");

    internal void Mend(NodeId node) => Ip($"-n {_prefix}-br link set p{node} up");

    public void Dispose()
    {
        foreach (CorosyncProcess process in _processes.Values) { process.Dispose(); }
        if (IsPossible)
        {
            foreach (ClusterNodeModel node in Model.Nodes) { Ip($"netns del {_prefix}-{node.Id}"); }
            Ip($"netns del {_prefix}-br");
        }
        Directory.Delete(_folder, recursive: true);
    }

    private string Namespace(NodeId node) => $"/run/netns/{_prefix}-{node}";

    private static ClusterNodeModel Node(int id) => new((uint)id, $"node{id}", [IPAddress.Parse($"10.99.7.{id}")], 100);

    private void Join(ClusterNodeModel node) => Ip(
        $"netns add {_prefix}-{node.Id}",
        $"link add p{node.Id} netns {_prefix}-br type veth peer name eth0 netns {_prefix}-{node.Id}",
        $"-n {_prefix}-br link set p{node.Id} master br0",
        $"-n {_prefix}-br link set p{node.Id} up",
        $"-n {_prefix}-{node.Id} link set lo up",
        $"-n {_prefix}-{node.Id} address add {node.Addresses[0]}/24 dev eth0",
        $"-n {_prefix}-{node.Id} link set eth0 up");

    private void Note(string text)
    {
        lock (_notes) { _notes.Add(text); }
    }

    private static void Ip(params string[] commands)
    {
        foreach (string command in commands)
        {
            using Process process = Process.Start(new ProcessStartInfo("ip", command) { RedirectStandardError = true })!;
            string error = process.StandardError.ReadToEnd();
            process.WaitForExit();
            if (process.ExitCode != 0) { throw new InvalidOperationException($"ip {command}: {error}"); }
        }
    }
}
