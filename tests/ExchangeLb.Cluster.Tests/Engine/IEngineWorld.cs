using System;
using ExchangeLb.Cluster.Engine;

namespace ExchangeLb.Cluster.Tests.Engine;

/// <summary>What an adapter must bring for <see cref="EngineContract"/>: engines, and a way to let things happen.</summary>
public interface IEngineWorld : IDisposable
{
    /// <summary>A new life of this node, not started yet.</summary>
    IClusterEngine Create(NodeId node);

    /// <summary>Lets things happen until it is so; false when it has not become so within the adapter's own bound.</summary>
    bool Until(Func<bool> condition);
}

/// <summary>What an adapter of more than one node must bring for <see cref="PeerContract"/>: three nodes with a vote each, and accidents.</summary>
public interface IPeerWorld : IEngineWorld
{
    /// <summary>Ends the node's present life without a farewell.</summary>
    void Crash(NodeId node);

    /// <summary>Cuts the node off from all others.</summary>
    void Isolate(NodeId node);

    void Reconnect(NodeId node);

    /// <summary>Nothing leaves any node until <see cref="Resume"/>; too short for anybody to be taken for dead.</summary>
    void Stall();

    void Resume();
}
