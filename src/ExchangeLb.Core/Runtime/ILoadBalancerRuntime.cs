using System;
using System.Collections.Generic;
using System.Net;

namespace ExchangeLb.Core.Runtime;

/// <summary>
/// What the administrator's interfaces see of the running load balancer, and the only way in which they change it.
/// All members may be called from any thread; none waits for a loop longer than a turn.
/// </summary>
public interface ILoadBalancerRuntime
{
    LoadBalancerSnapshot Snapshot();

    /// <summary>Changes a server's administrative state.</summary>
    CommandResult SetServerState(string backend, string server, ServerAdminState state);

    /// <summary>`set server … health`: forces what the checks say until they say otherwise.</summary>
    CommandResult SetServerHealth(string backend, string server, ServerHealth health);

    /// <summary>Sets the weight, 0..256 absolute, or relative to the configured one when <paramref name="percent"/> (0..100 and up, result at most 256).</summary>
    CommandResult SetServerWeight(string backend, string server, int weight, bool percent);

    /// <summary>Turns checks of one server on or off (`enable|disable health`).</summary>
    CommandResult SetServerChecks(string backend, string server, bool enabled);

    /// <summary>The entries of a table, or null when there is no table of that name.</summary>
    StickTableContent? ReadStickTable(string table);

    /// <summary>Deletes entries: one key's, those of one server (0: any) or all when both filters are open. Says how many went.</summary>
    CommandResult ClearStickTable(string table, IPAddress? key, int serverId);

    /// <summary>`clear counters` (largest values only) or `clear counters all`.</summary>
    void ClearCounters(bool all);
}

/// <summary>Outcome of a command; <see cref="Message"/> is for the person who gave it and empty when there is nothing to say.</summary>
public readonly record struct CommandResult(bool Done, string Message)
{
    public static CommandResult Ok { get; } = new(true, "");

    public static CommandResult Failed(string message) => new(false, message);
}

/// <summary>A copy of a table. <see cref="Entries"/> are in no promised order.</summary>
public sealed record StickTableContent(Model.StickTableModel Model, IReadOnlyList<StickEntrySnapshot> Entries);

/// <summary>One stuck client.</summary>
/// <param name="Remaining">Until it expires; null: the table has no expiry.</param>
/// <param name="ServerName">The server's name, or "" when the configuration no longer has it.</param>
public sealed record StickEntrySnapshot(IPAddress Key, int ServerId, string ServerName, TimeSpan? Remaining, int InUse);
