using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Cluster.Engine.Corosync;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Cluster.Tests.Engine.Corosync;

/// <summary>A cluster of its own on Corosyncs that other tests use before and after. Things happen by themselves, in real time.</summary>
internal sealed class CorosyncWorld(CorosyncNamespaces namespaces) : IPeerWorld
{
    // A Corosync that was killed is back in the ring after a second and a half; a split of three heals in less than two.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(8);

    private readonly List<(NodeId Node, CorosyncEngine Engine)> _engines = [];
    private readonly HashSet<NodeId> _isolated = [];

    internal ClusterModel Model { get; } = namespaces.NewCluster();

    public IClusterEngine Create(NodeId node) => Create(node, Model);

    public bool Until(Func<bool> condition) => SpinWait.SpinUntil(condition, Patience);

    /// <summary>As if the machine had died: no farewell of the process, none of Corosync. The latter starts again by itself.</summary>
    public void Crash(NodeId node)
    {
        namespaces.SignalCorosync("KILL", node);
        foreach ((_, CorosyncEngine engine) in _engines.Where(life => life.Node == node)) { engine.Dispose(); }
    }

    public void Isolate(NodeId node)
    {
        if (!_isolated.Add(node)) { return; }
        for (int link = 0; link < Links; link++) { namespaces.Cut(node, link); }
    }

    public void Reconnect(NodeId node)
    {
        if (!_isolated.Remove(node)) { return; }
        for (int link = 0; link < Links; link++) { namespaces.Mend(node, link); }
    }

    public void Stall() => namespaces.SignalCorosync("STOP");

    public void Resume() => namespaces.SignalCorosync("CONT");

    public void Dispose()
    {
        foreach ((_, CorosyncEngine engine) in _engines) { engine.Dispose(); }
        foreach (NodeId node in _isolated.ToArray()) { Reconnect(node); }
    }

    internal CorosyncEngine Create(NodeId node, ClusterModel model)
    {
        CorosyncEngine engine = new(namespaces.Options(model, node));
        _engines.Add((node, engine));
        return engine;
    }

    internal CorosyncEngine Start(NodeId node, IEngineObserver observer)
    {
        CorosyncEngine engine = Create(node, Model);
        engine.Start(observer);
        return engine;
    }

    private int Links => namespaces.Model.Nodes[0].Addresses.Length;
}
