using System;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Cluster.Messages;
using ExchangeLb.Cluster.Ownership;

namespace ExchangeLb.Cluster.Tests.Simulation;

/// <summary>Another part of a node's process, beside the ownership of VIPs: lives and dies with it, hears what it hears, on the same virtual thread.</summary>
internal interface ISimulatedPart
{
    void ViewChanged(ClusterView view);

    void MessageArrived(MessageKind kind, NodeId sender, ReadOnlySpan<byte> body);

    void Acquired(int vip, uint epoch);

    void Lost(int vip, VipLoss loss);

    /// <summary>True: it moves sessions, and says when the hand-over may go on.</summary>
    bool HandingOver(int vip, NodeId target, ulong move, bool urgent) => false;

    void OwnerChanged(int vip, NodeId? owner)
    {
    }

    /// <summary>The node is about to ask for the VIP.</summary>
    void Contending(int vip)
    {
    }

    /// <summary>The node does not own it, and sees another one use it.</summary>
    void UsedElsewhere(int vip)
    {
    }

    /// <summary>The node owns it, and met another owner.</summary>
    void RivalMet(int vip)
    {
    }

    /// <summary>The process has been told to end.</summary>
    void Leave()
    {
    }

    /// <summary>The process may end.</summary>
    bool IsIdle => true;

    /// <summary>The process has been killed, or has ended.</summary>
    /// <param name="guarded">Its guard lives, and fences in a moment.</param>
    void Ended(bool guarded)
    {
    }

    /// <summary>The process's guard has fenced.</summary>
    void GuardReleased()
    {
    }

    /// <returns>When something is due next, on the node's clock.</returns>
    TimeSpan Tick(TimeSpan now);
}

/// <summary>Brings an <see cref="ISimulatedPart"/> into every process of a world, and judges all of them together.</summary>
internal interface ISimulatedParts
{
    ISimulatedPart Create(SimulatedWorld world, SimulatedProcess process);

    /// <summary>After every event. Null: nothing is wrong.</summary>
    string? Violation(SimulatedWorld world) => null;

    /// <summary>Once, at the end, after a time without faults and writes. Null: nothing is wrong. What is wrong earlier a part tells the world itself.</summary>
    string? ViolationAfterQuiet(SimulatedWorld world);
}
