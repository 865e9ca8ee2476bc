using System;

namespace ExchangeLb.Cluster.Engine;

/// <summary>
/// Hears what an engine has to say. Called by one thread at a time, the engine's: return at once, for nothing is heard meanwhile and
/// messages pile up at the sender. <see cref="IClusterEngine.Broadcast"/> may be called from here.
/// </summary>
public interface IEngineObserver
{
    /// <summary>The first thing heard; later ones replace it.</summary>
    void ViewChanged(ClusterView view);

    /// <summary>
    /// A broadcast of a member of the last view, perhaps of this node itself. One sender's come in the order in which it sent them. A node's
    /// guard speaks in its node's name, also after its balancer has dropped out of the view; between the two there is no order.
    /// </summary>
    /// <param name="payload">Valid during this call only.</param>
    void MessageArrived(NodeId sender, ReadOnlySpan<byte> payload);
}
