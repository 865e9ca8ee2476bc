using ExchangeLb.Cluster.Engine;

namespace ExchangeLb.Cluster.Orders;

/// <summary>What an administrator asked for at one node and another node must do. Numbers are on the wire: only ever add.</summary>
public enum OrderKind : byte
{
    /// <summary>The answer to an order: done or not, and what there is to say.</summary>
    Answer = 0,

    /// <summary>Hand the VIP named in the argument (empty: all) over to the node named in the second one (empty: whoever comes next).</summary>
    Switchover = 1,
    Standby = 2,
    Unstandby = 3,

    /// <summary>Read the files and say whether they could be applied.</summary>
    PrepareReload = 4,

    /// <summary>Apply what was prepared.</summary>
    ApplyReload = 5,

    /// <summary>Forget what was prepared.</summary>
    ForgetReload = 6,

    /// <summary>Go back to what ran before, if anything was applied.</summary>
    RevertReload = 7,

    /// <summary>Answer only: what its sender has sent before was heard. An earlier release answers that it does not know this order, which says the same.</summary>
    Hear = 8,
}

/// <summary>One order to one node, or its answer.</summary>
/// <param name="Number">Of the order at the node that gave it; its answer has the same.</param>
/// <param name="Target">The node that is meant.</param>
/// <param name="Done">Of an answer.</param>
/// <param name="First">VIP, or an answer's text.</param>
/// <param name="Second">Node.</param>
public sealed record Order(OrderKind Kind, ulong Number, NodeId Target, bool Done, string First, string Second);
