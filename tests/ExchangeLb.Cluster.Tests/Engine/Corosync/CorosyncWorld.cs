using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Threading;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Cluster.Engine.Corosync;
using ExchangeLb.Core.Model;
using ExchangeLb.Linux.Process;

namespace ExchangeLb.Cluster.Tests.Engine.Corosync;

/// <summary>A cluster of its own on the three Corosyncs of a <see cref="NamespaceTrio"/>. Things happen by themselves, in real time.</summary>
internal sealed class CorosyncWorld(NamespaceTrio trio) : IPeerWorld
{
    // A Corosync that was killed is back in the ring after a second and a half; a split of three heals in less than two.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly ClusterModel _model = trio.NewCluster();
    private readonly List<(NodeId Node, CorosyncEngine Engine)> _engines = [];
    private readonly HashSet<NodeId> _isolated = [];

    public IClusterEngine Create(NodeId node)
    {
        CorosyncEngine engine = new(trio.Options(_model, node));
        _engines.Add((node, engine));
        return engine;
    }

    public bool Until(Func<bool> condition) => SpinWait.SpinUntil(condition, Patience);

    /// <summary>As if the machine had died: no farewell of the process, none of Corosync. The latter starts again by itself.</summary>
    public void Crash(NodeId node)
    {
        if (trio[node].Pid is { } pid) { Signals.Send(pid, Signal.SIGKILL); }
        foreach ((_, CorosyncEngine engine) in _engines.Where(life => life.Node == node)) { engine.Dispose(); }
    }

    public void Isolate(NodeId node)
    {
        if (_isolated.Add(node)) { trio.Cut(node); }
    }

    public void Reconnect(NodeId node)
    {
        if (_isolated.Remove(node)) { trio.Mend(node); }
    }

    public void Stall() => SendAll("-STOP");

    public void Resume() => SendAll("-CONT");

    public void Dispose()
    {
        foreach ((_, CorosyncEngine engine) in _engines) { engine.Dispose(); }
        foreach (NodeId node in _isolated.ToArray()) { Reconnect(node); }
    }

    private void SendAll(string signal)
    {
        string pids = string.Join(' ', trio.Processes.Select(process => process.Pid).Where(pid => pid is not null));
        using Process kill = Process.Start("kill", $"{signal} {pids}");
        kill.WaitForExit();
    }
}
