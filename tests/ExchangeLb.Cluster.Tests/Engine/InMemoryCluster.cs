using System;
using System.Collections.Generic;
using System.Linq;
using ExchangeLb.Cluster.Engine;

namespace ExchangeLb.Cluster.Tests.Engine;

/// <summary>
/// Engines that meet in memory, on the thread of the test: nothing happens but in <see cref="Until"/>, one event at a time, and which
/// one is drawn from the seed. Weaker than Corosync on purpose: no order among senders, views change on one node after another.
/// </summary>
internal sealed class InMemoryCluster(int seed) : IPeerWorld
{
    private const int VotesTotal = 3;
    private const int StepsMax = 200_000;

    private readonly Random _random = new(seed);
    private readonly List<InMemoryEngine> _lives = [];
    private readonly HashSet<NodeId> _isolated = [];
    private bool _stalled;

    public IClusterEngine Create(NodeId node) => new InMemoryEngine(this, node);

    public bool Until(Func<bool> condition)
    {
        for (int step = 0; step < StepsMax; step++)
        {
            if (condition()) { return true; }
            if (!Step()) { return condition(); }
        }
        return false;
    }

    public void Crash(NodeId node)
    {
        foreach (InMemoryEngine life in _lives.Where(life => life.Node == node).ToArray()) { life.Dispose(); }
    }

    public void Isolate(NodeId node) => _isolated.Add(node);

    public void Reconnect(NodeId node) => _isolated.Remove(node);

    public void Stall() => _stalled = true;

    public void Resume() => _stalled = false;

    public void Dispose() => _lives.Clear();

    internal void Joined(InMemoryEngine life) => _lives.Add(life);

    internal void Gone(InMemoryEngine life) => _lives.Remove(life);

    private bool Step()
    {
        if (_stalled) { return false; }
        List<Action> possible = [];
        foreach (InMemoryEngine life in _lives)
        {
            InMemoryEngine[] reached = Reached(life);
            if (life.Differs(reached))
            {
                possible.Add(() => life.Install(reached, reached.Length * 2 > VotesTotal));
            }
            else if (life.HasUnsent)
            {
                possible.Add(() => life.SendOne(reached));
            }
            else if (life.HasUnheard)
            {
                possible.Add(life.HearOne);
            }
        }
        if (possible.Count == 0) { return false; }
        possible[_random.Next(possible.Count)]();
        return true;
    }

    private InMemoryEngine[] Reached(InMemoryEngine life) =>
        [.. _lives.Where(other => other == life || (!_isolated.Contains(life.Node) && !_isolated.Contains(other.Node))).OrderBy(other => other.Node)];
}
