using System.Threading.Tasks;

namespace ExchangeLb.Core.Runtime;

/// <summary>What the administrator's interfaces see of the cluster, and the only way in which they change it. Any thread.</summary>
public interface IClusterRuntime
{
    /// <summary>Copied at this moment; never waits.</summary>
    ClusterSnapshot Snapshot();

    /// <summary>
    /// Moves VIPs by agreement. Refused, with the reason, when the target is not there, is not fit, or when this node neither owns one nor
    /// reaches the owner.
    /// </summary>
    /// <param name="node">Who shall own them; null: whoever comes next.</param>
    /// <param name="vip">As it is written in cluster.cfg; null: all of them.</param>
    /// <returns>Ends when the new owner serves, or when it is clear that it won't, after 10 s at the latest.</returns>
    Task<CommandResult> Switchover(string? node, string? vip);

    /// <summary>Takes a node out of the election (`standby`), moving away what it owns if another can serve, or puts it back. Kept across restarts of that node.</summary>
    /// <param name="node">null: the node that is asked.</param>
    Task<CommandResult> SetStandby(string? node, bool standby);

    /// <summary>Reads haproxy.cfg and cluster.cfg again.</summary>
    /// <param name="all">On every node of the view, or on none: all must accept their files before one applies them.</param>
    /// <returns>The message holds the reader's warnings and alerts, line by line.</returns>
    Task<CommandResult> Reload(bool all);
}
