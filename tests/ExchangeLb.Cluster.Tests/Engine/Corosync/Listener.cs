using System;
using System.Collections.Generic;
using System.Linq;
using ExchangeLb.Cluster.Engine;

namespace ExchangeLb.Cluster.Tests.Engine.Corosync;

/// <summary>Writes down what it hears, when, and has nothing against it: for what is beyond the contract.</summary>
internal sealed class Listener : IEngineObserver
{
    private readonly List<(long At, ClusterView View)> _views = [];
    private readonly List<(NodeId Sender, int Number)> _messages = [];

    internal IReadOnlyList<(long At, ClusterView View)> Views
    {
        get { lock (_views) { return [.. _views]; } }
    }

    internal IReadOnlyList<(NodeId Sender, int Number)> Messages
    {
        get { lock (_messages) { return [.. _messages]; } }
    }

    internal bool Sees(QuorumVerdict verdict, params NodeId[] members) =>
        Views is [.., (_, { } view)] && view.Quorum == verdict && view.Members.SequenceEqual(members);

    public void ViewChanged(ClusterView view)
    {
        lock (_views) { _views.Add((TimeProvider.System.GetTimestamp(), view)); }
    }

    public void MessageArrived(NodeId sender, ReadOnlySpan<byte> payload)
    {
        int number = BitConverter.ToInt32(payload);
        lock (_messages) { _messages.Add((sender, number)); }
    }
}
