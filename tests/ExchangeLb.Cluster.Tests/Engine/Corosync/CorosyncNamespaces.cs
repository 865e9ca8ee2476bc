using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Net;
using System.Threading;
using System.Threading.Tasks;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Cluster.Engine.Corosync;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Cluster.Tests.Engine.Corosync;

/// <summary>Network namespaces, one a node, on a bridge for each link, and in each namespace a Corosync as the product starts it.</summary>
public abstract class CorosyncNamespaces : IDisposable
{
    private readonly string _prefix = $"elb-c{Environment.ProcessId}x";
    private readonly string _folder = Directory.CreateTempSubdirectory("exchangelb-corosync-").FullName;
    private readonly List<string> _notes = [];
    private readonly SortedDictionary<NodeId, CorosyncProcess> _processes = [];
    private readonly int _links;
    private int _worlds;

    protected CorosyncNamespaces(int nodes, int links)
    {
        _prefix += nodes;
        _links = links;
        if (!IsPossible) { return; }
        Ip($"netns add {_prefix}-br");
        for (int link = 0; link < links; link++) { Ip($"-n {_prefix}-br link add br{link} type bridge", $"-n {_prefix}-br link set br{link} up"); }
        string key = Path.Combine(_folder, "cluster.key");
        if (ClusterKey.Create(key) is { } problem) { throw new InvalidOperationException(problem); }
        Model = new ClusterModel("namespaces", [.. Enumerable.Range(1, nodes).Select(Node)], [])
        {
            KeyFile = key,
            Timings = ClusterTimings.For(TimeSpan.FromMilliseconds(400), nodes),
        };
        foreach (ClusterNodeModel node in Model.Nodes)
        {
            Plug(node);
            CorosyncProcess process = NewProcess(node, node.Name);
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

    internal CorosyncProcess this[NodeId node] => _processes[node];

    internal IEnumerable<CorosyncProcess> Processes => _processes.Values;

    /// <summary>Classes that need root say so by a trait, by which tests/run.sh leaves them out for others.</summary>
    internal static void Require()
    {
        if (!IsPossible) { throw new InvalidOperationException("needs root, for network namespaces: sudo tests/run.sh Cluster"); }
    }

    /// <summary>Of a name that nobody had yet: what other tests said is not heard in it.</summary>
    internal ClusterModel NewCluster() => Model with { Name = $"namespaces-{Interlocked.Increment(ref _worlds)}" };

    internal CorosyncOptions Options(ClusterModel model, NodeId node) => new(model, node, TimeProvider.System)
    {
        NetworkNamespace = Namespace(node),
        Note = (kind, text) => Note($"engine of node{node}: {kind}: {text}"),
    };

    /// <summary>One more, not started, in the node's namespace but with a folder of this name.</summary>
    internal CorosyncProcess NewProcess(ClusterNodeModel node, string folder) =>
        new(new CorosyncProcessOptions(Model, node, Path.Combine(_folder, folder), TimeProvider.System)
        {
            Note = (kind, text) => Note($"{node.Name}: {kind}: {text}"),
            NetworkNamespace = Namespace(new NodeId(node.Id)),
        });

    internal void Cut(NodeId node, int link = 0) => Ip($"-n {_prefix}-br link set p{node}-{link} down");

    internal void Mend(NodeId node, int link = 0) => Ip($"-n {_prefix}-br link set p{node}-{link} up");

    /// <summary>To those that run: one that was killed just before is between two starts.</summary>
    /// <param name="signal">Of kill(1); to all nodes when none is named.</param>
    internal void SignalCorosync(string signal, params NodeId[] nodes)
    {
        IEnumerable<CorosyncProcess> wanted = nodes.Length == 0 ? _processes.Values : nodes.Select(node => _processes[node]);
        int[] pids = [.. wanted.Select(process => process.Pid).OfType<int>()];
        if (pids.Length == 0) { return; }
        using Process kill = Process.Start(new ProcessStartInfo("kill", $"-{signal} {string.Join(' ', pids)}") { RedirectStandardError = true })!;
        kill.WaitForExit();
    }

    internal string Log(NodeId node) => File.ReadAllText(Path.Combine(_folder, Model.Nodes.Single(model => model.Id == node.Value).Name, "corosync.log"));

    public void Dispose()
    {
        Parallel.ForEach(_processes.Values, process => process.Dispose());
        if (IsPossible)
        {
            foreach (ClusterNodeModel node in Model.Nodes) { Ip($"netns del {_prefix}-{node.Id}"); }
            Ip($"netns del {_prefix}-br");
        }
        Directory.Delete(_folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    private string Namespace(NodeId node) => $"/run/netns/{_prefix}-{node}";

    private ClusterNodeModel Node(int id) =>
        new((uint)id, $"node{id}", [.. Enumerable.Range(0, _links).Select(link => IPAddress.Parse($"10.99.{link}.{id}"))], 100);

    private void Plug(ClusterNodeModel node)
    {
        Ip($"netns add {_prefix}-{node.Id}", $"-n {_prefix}-{node.Id} link set lo up");
        for (int link = 0; link < _links; link++)
        {
            string port = $"p{node.Id}-{link}";
            Ip($"link add {port} netns {_prefix}-br type veth peer name eth{link} netns {_prefix}-{node.Id}",
                $"-n {_prefix}-br link set {port} master br{link}",
                $"-n {_prefix}-br link set {port} up",
                $"-n {_prefix}-{node.Id} address add {node.Addresses[link]}/24 dev eth{link}",
                $"-n {_prefix}-{node.Id} link set eth{link} up");
        }
    }

    private void Note(string text)
    {
        lock (_notes) { _notes.Add(text); }
    }

    private static void Ip(params string[] commands)
    {
        foreach (string command in commands) { Run("ip", command); }
    }

    private static void Run(string program, string arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0) { throw new InvalidOperationException($"{program} {arguments}: {error}"); }
    }
}
