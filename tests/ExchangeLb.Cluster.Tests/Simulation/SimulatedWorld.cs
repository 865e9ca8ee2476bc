using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Cluster.Messages;
using ExchangeLb.Cluster.Ownership;
using ExchangeLb.Cluster.Tests.Engine.Simulated;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Cluster.Tests.Simulation;

/// <summary>Several complete nodes, their two networks, and the judge; one thread, virtual time, everything drawn from one seed.</summary>
internal sealed class SimulatedWorld
{
    internal const string ClusterName = "simulated";

    private readonly OwnerJudge _judge;
    private readonly uint[] _keys;
    private readonly Dictionary<(NodeId Node, int Vip), NodeFitness> _fitness = [];

    internal SimulatedWorld(int seed, SimulationPlan plan, Mutation mutation = Mutation.None, ISimulatedParts[]? parts = null, StringBuilder? trace = null)
    {
        Random = new(seed);
        (Plan, Mutation, Parts, Log) = (plan, mutation, parts ?? [], trace);
        Model = plan.Model;
        Time = new();
        Wire = new(Time, Random, plan.Model.Nodes.Length) { Noise = plan.Noise };
        Service = new(this) { Loss = plan.FrameLoss };
        Nodes = [.. plan.Model.Nodes.Select((node, place) =>
            new SimulatedNode(this, new(node.Id), plan.Rates[place], TimeSpan.FromSeconds(1 + (1000 * Random.NextDouble())), plan.Model.Vips.Length))];
        _judge = new(this);
        _keys = [.. plan.Model.Vips.Select(OwnershipMessages.KeyOf)];
        Time.AfterEach = AfterEach;
    }

    internal SimulationPlan Plan { get; }

    /// <summary>What the nodes' files have in common; which VIPs are in them each node's own says (<see cref="SimulatedNode.Model"/>).</summary>
    internal ClusterModel Model { get; private set; }
    internal Mutation Mutation { get; }
    internal ISimulatedParts[] Parts { get; }
    internal Random Random { get; }
    internal VirtualTime Time { get; }
    internal SimulatedWire Wire { get; }
    internal ServiceNetwork Service { get; }
    internal SimulatedNode[] Nodes { get; }
    internal OwnerJudge Judge => _judge;

    /// <summary>What was wrong first; null: nothing was.</summary>
    internal string? Violation { get; private set; }

    /// <summary>Nothing is written any more.</summary>
    internal bool IsQuiet { get; set; }

    internal StringBuilder? Log { get; }
    internal bool Tracing => Log is not null;

    internal SimulatedNode Node(NodeId id) => Nodes[(int)id.Value - 1];

    internal void StartAll()
    {
        foreach (SimulatedNode node in Nodes) { node.StartProcess(); }
    }

    /// <summary>Runs on until then, or until something is wrong.</summary>
    /// <summary>Events at one time, after which a program would never get on.</summary>
    private const int BusyMax = 100_000;

    internal void Run(TimeSpan duration)
    {
        TimeSpan end = Time.Now + duration;
        bool reached = false;
        Time.At(end, () => reached = true);
        TimeSpan moment = Time.Now;
        int inOneMoment = 0;
        while (!reached && Violation is null && Time.RunNext())
        {
            inOneMoment = Time.Now == moment ? inOneMoment + 1 : 0;
            moment = Time.Now;
            if (inOneMoment > BusyMax) { Fail($"{BusyMax} events in one moment: something is always due"); }
        }
    }

    internal void Fail(string what)
    {
        Violation ??= $"at {Time.Now.TotalMilliseconds:0.00} ms: {what}";
        if (Tracing) { Trace(null, $"VIOLATION {what}"); }
    }

    internal void Trace(SimulatedNode? node, string what) =>
        Log!.Append($"{Time.Now.TotalMilliseconds,10:0.00} ").Append(node is null ? "    " : $"lb{node.Id} ").AppendLine(what);

    internal NodeFitness FitnessOf(SimulatedNode node, int vip) => _fitness.GetValueOrDefault((node.Id, vip), new(true, true, 3));

    internal void SetFitness(SimulatedNode node, int vip, NodeFitness fitness)
    {
        if (Tracing) { Trace(node, $"fitness for vip {vip}: {fitness}"); }
        _fitness[(node.Id, vip)] = fitness;
        Judge.Disturbed();
        node.Process?.Do(process => process.Fit(vip));
    }

    /// <summary>New files on every node; each takes them over when it gets to it.</summary>
    internal void Reload(ClusterModel model)
    {
        Model = model;
        Judge.Disturbed();
        foreach (SimulatedNode node in Nodes)
        {
            Time.After(WireNoise.Ms(200 * Random.NextDouble()), () => node.Reload(own => model with { Vips = [.. model.Vips.Select((vip, place) => vip with { IsGone = own.Vips[place].IsGone })] }));
        }
    }

    /// <summary>Whether some node's file has it.</summary>
    internal bool HasVip(int vip) => Nodes.Any(node => !node.Model.Vips[vip].IsGone);

    internal TimeSpan LastOwned(int vip) => Nodes.Max(node => node.Kernel.AcceptedUntil(vip));

    /// <param name="lastOwned">When some kernel accepted traffic for it last.</param>
    internal void Armed(SimulatedNode node, int vip, TimeSpan lastOwned)
    {
        if (Tracing) { Trace(node, $"ARMS vip {vip}"); }
        // In a hand-over nobody probes: the old owner had it a moment ago.
        if (Mutation == Mutation.None && Service.ForeignFor(vip) > Plan.Model.Timings.Lease && Service.ReachesForeign(node.Id) && Time.Now - lastOwned > TimeSpan.FromMilliseconds(200)
            && Time.Now - Service.HealedAt > TimeSpan.FromMilliseconds(66))
        {
            Fail($"lb{node.Id} takes vip {vip}, which another host has answered for");
        }
    }

    internal void Acquired(SimulatedProcess process, int vip, uint epoch)
    {
        if (Tracing) { Trace(process.Node, $"acquired vip {vip}, epoch {epoch}"); }
        _judge.Acquired(process, vip, epoch);
    }

    /// <returns>The sender's incarnation.</returns>
    internal ulong Heard(ReadOnlySpan<byte> body, Span<uint> epochs)
    {
        if (!OwnershipMessages.TryRead(body, out OwnershipMessage message)) { return 0; }
        for (int vip = 0; vip < epochs.Length; vip++)
        {
            if (_keys[vip] == message.Vip) { epochs[vip] = Math.Max(epochs[vip], message.Epoch); }
        }
        return message.Incarnation;
    }

    internal void Said(SimulatedProcess process, ReadOnlySpan<byte> body, bool sent)
    {
        if (Tracing) { Trace(process.Node, $"{(sent ? "says" : "could not say")} {Describe(body)}"); }
        if (Mutation != Mutation.PromisesAreBroken || !OwnershipMessages.TryRead(body, out OwnershipMessage message)) { return; }
        if (message.Type is not (OwnershipMessageType.Renewal or OwnershipMessageType.Request)) { return; }
        foreach (SimulatedNode other in Nodes)
        {
            if (other == process.Node || other.Process is not { } peer) { continue; }
            byte[] grant = new byte[OwnershipMessages.SizeBytes];
            OwnershipMessages.Write(grant, new(
                OwnershipMessageType.Grant, message.Vip, message.Sender, peer.Incarnation, ulong.MaxValue - 1, message.Epoch,
                process.Node.Id.Value, message.Incarnation, message.Number));
            Time.After(WireNoise.Ms(1), () => process.Arrive(new Message(other.Id, MessageKind.Ownership, grant)));
        }
    }

    internal void GuardSays(SimulatedNode node, int vip, ulong incarnation)
    {
        byte[] body = new byte[OwnershipMessages.SizeBytes];
        OwnershipMessages.WriteReleasedByGuard(body, Model.Vips[vip], incarnation);
        if (Tracing) { Trace(node, $"guard says {Describe(body)}"); }
        foreach (SimulatedNode other in Nodes)
        {
            if (other == node || Wire.IsCut(node.Id, other.Id)) { continue; }
            Time.After(Wire.Noise.Delay(Random), () => other.Process?.Arrive(new Message(node.Id, MessageKind.Ownership, body)));
        }
    }

    internal string Describe(ReadOnlySpan<byte> body)
    {
        if (!OwnershipMessages.TryRead(body, out OwnershipMessage message)) { return "something damaged"; }
        int vip = Array.IndexOf(_keys, message.Vip);
        string number = message.Number == OwnershipMessages.All ? "all" : $"{message.Number}";
        string subject = message.Subject == 0 ? "" : $" for lb{message.Subject} #{message.SubjectNumber}";
        return $"{message.Type} vip {vip} #{number}{subject}";
    }

    private void AfterEach()
    {
        if (Violation is not null) { return; }
        if (_judge.Violation() is { } wrong) { Fail(wrong); }
        foreach (ISimulatedParts part in Parts)
        {
            if (part.Violation(this) is { } other) { Fail(other); }
        }
    }
}
