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

    /// <summary>A table, or null when there is none of that name. Its entries are not read before they are enumerated.</summary>
    StickTableContent? ReadStickTable(string table);

    /// <summary>One key's entry, or null when the table has none (or is not there, or cannot hold such a key). Leaves the entry's life as it is.</summary>
    StickEntrySnapshot? FindStickEntry(string table, IPAddress key);

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

/// <summary>A table as it can be read.</summary>
/// <param name="Used">Entries, expired ones that were not yet dropped included.</param>
/// <param name="Entries">
/// Copied slice by slice as they are enumerated, so that a table of any size takes no memory to read, however slowly that is done. In
/// no promised order; what comes or goes meanwhile may be missed.
/// </param>
public sealed record StickTableContent(Model.StickTableModel Model, int Used, IEnumerable<StickEntrySnapshot> Entries);

/// <summary>One stuck client.</summary>
/// <param name="Remaining">Until it expires; null: the table has no expiry.</param>
/// <param name="ServerName">The server's name, or "" when the configuration no longer has it.</param>
public readonly record struct StickEntrySnapshot(IPAddress Key, int ServerId, string ServerName, TimeSpan? Remaining, int InUse);
