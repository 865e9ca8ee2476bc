using System;
using System.Collections.Generic;
using System.Linq;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Core.Runtime;
using ExchangeLb.Core.Stick;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;

namespace ExchangeLb.Cluster.Tests.Replication;

/// <summary>
/// Two or three nodes write, clear, order, lose each other and die as chance has it. A failure names its seed: `Run(SEED, NODES)` repeats it.
/// </summary>
public sealed class ReplicationProperties
{
    private const int Steps = 1500;
    private const int Keys = 12;
    private const string Table = "e2k13";

    [Property(MaxTest = 100)]
    public Property Two_nodes_agree_after_quiet_never_go_back_and_keep_what_was_acknowledged(int seed) => Run(seed * 7919 + 13, nodes: 2);

    [Property(MaxTest = 60)]
    public Property Three_nodes_agree_after_quiet_never_go_back_and_keep_what_was_acknowledged(int seed) => Run(seed * 7919 + 13, nodes: 3);

    private static Property Run(int seed, int nodes)
    {
        string? wrong = new Course(seed, nodes).Run();
        return (wrong is null).Label($"seed {seed}, {nodes} nodes: {wrong}");
    }

    private sealed class Course
    {
        private readonly ReplicaWorld _world;
        private readonly Random _random;

        /// <summary>The latest version of each key that a node has shown, of its present life.</summary>
        private readonly Dictionary<Replica, Dictionary<UInt128, StickVersion>> _shown = [];
        private uint _epoch;

        public Course(int seed, int nodes)
        {
            _world = new ReplicaWorld(seed, queueLength: 16);
            _random = _world.Random;
            for (int i = 0; i < nodes; i++)
            {
                int shift = i;
                _world.Add(state => state.Add(Table, size: 100, servers: [(1 + shift, "a"), (2 + shift, "b"), (3 + shift, "c")]));
            }
            _world.InstallViews();
        }

        public string? Run()
        {
            for (int step = 0; step < Steps; step++)
            {
                Act();
                foreach (Replica node in _world.Nodes.Where(node => node.Alive))
                {
                    if ((WentBack(node) ?? Forgot(node)) is { } wrong)
                    {
                        return $"step {step}: {wrong}";
                    }
                }
            }
            foreach (Replica dead in _world.Nodes.Where(node => !node.Alive))
            {
                Revive(dead);
            }
            _world.Nodes.ForEach(node => node.Refusing = false);
            _world.Heal();
            _world.InstallViews();
            _world.RunQuiet(5000);
            return Differ();
        }

        private void Act()
        {
            Replica node = _world.Nodes[_random.Next(_world.Nodes.Count)];
            int chance = _random.Next(1000);
            if (chance < 500)
            {
                _world.DeliverOne();
            }
            else if (chance < 700)
            {
                _world.Advance(_random.NextDouble() * 5);
                _world.TickAll();
            }
            else if (chance < 990)
            {
                Write(node, chance);
            }
            else if (chance < 994)
            {
                _world.Split([.. _world.Nodes.GroupBy(_ => _random.Next(2)).Select(part => part.ToArray())]);
            }
            else if (chance < 997)
            {
                _world.Heal();
            }
            else if (node.Alive)
            {
                _world.Crash(node);
            }
            else
            {
                Revive(node);
            }
            _world.InstallView(_world.Nodes[_random.Next(_world.Nodes.Count)]);
        }

        private void Write(Replica node, int chance)
        {
            if (!node.Alive)
            {
                return;
            }
            StickTable table = node.State.Tables[Table];
            int first = node.State.Content.Tables[0].Servers.Keys.Min();
            switch (chance % 40)
            {
                case 0:
                    table.RemoveWhere(0, _world.NowMs);
                    break;
                case 1:
                    table.RemoveWhere(first + _random.Next(3), _world.NowMs);
                    break;
                case 2 or 3:
                    table.Remove((UInt128)_random.Next(Keys), _world.NowMs);
                    break;
                case 4:
                    node.State.Order(Table, "b", ServerSettingKind.Weight, _random.Next(257));
                    break;
                case 5:
                    node.State.Order(Table, "a", ServerSettingKind.State, _random.Next(3));
                    break;
                case 6:
                    node.Replicator.SetOwnerEpoch(++_epoch);
                    break;
                case 7:
                    node.Refusing = !node.Refusing;
                    break;
                default:
                    table.Store((UInt128)_random.Next(Keys), first + _random.Next(3), _world.NowMs);
                    break;
            }
        }

        private void Revive(Replica node)
        {
            _world.Restart(node);
            node.Refusing = false;
            _shown.Remove(node);
        }

        private string? WentBack(Replica node)
        {
            if (!_shown.TryGetValue(node, out Dictionary<UInt128, StickVersion>? shown))
            {
                _shown[node] = shown = [];
            }
            foreach ((UInt128 key, (string server, StickVersion version, long _)) in node.Content(Table))
            {
                if (shown.TryGetValue(key, out StickVersion before) && version < before)
                {
                    return $"node {node.Id}, key {key}: {version} ({server}) after {before}";
                }
                shown[key] = version;
            }
            return null;
        }

        /// <summary>When a peer has acknowledged all batches and none waits, it has all that this node wrote: the node may die now.</summary>
        private string? Forgot(Replica node)
        {
            StickTable table = node.State.Tables[Table];
            foreach (Replica peer in _world.Nodes.Where(peer => peer != node && peer.Alive && node.Replicator.HasAll(peer.Id)))
            {
                SortedDictionary<UInt128, (string Server, StickVersion Version, long RemainingMs)> copy = peer.Content(Table);
                StickVersion cleared = peer.State.Tables[Table].ClearedUpTo;
                if (cleared < table.ClearedUpTo && table.ClearedUpTo.Writer == node.Id.Value)
                {
                    return $"node {peer.Id} acknowledged the clearing {table.ClearedUpTo} of node {node.Id} and has {cleared}";
                }
                foreach ((UInt128 key, (string server, StickVersion version, long _)) in node.Content(Table))
                {
                    bool has = version <= cleared || (copy.TryGetValue(key, out (string Server, StickVersion Version, long _) its) && its.Version >= version);
                    if (!has && version.Writer == node.Id.Value)
                    {
                        return $"node {peer.Id} acknowledged all of node {node.Id} and lacks key {key}: {version} ({server})";
                    }
                }
            }
            return null;
        }

        private string? Differ()
        {
            foreach (Replica node in _world.Nodes)
            {
                if (Text(node) != Text(_world.Nodes[0]))
                {
                    return $"node {node.Id}: {Text(node)}\nnode 1: {Text(_world.Nodes[0])}";
                }
            }
            return null;
        }

        private static string Text(Replica node) => string.Join(
            "; ",
            node.Content(Table).Select(pair => $"{pair.Key} {pair.Value.Server} {pair.Value.Version}")
                .Concat(node.State.Settings.Select(pair => $"{pair.Key.Item1.Server} {pair.Key.Item2} {pair.Value}").Order()));
    }
}
