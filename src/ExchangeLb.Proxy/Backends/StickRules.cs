using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using ExchangeLb.Core.Rules;
using ExchangeLb.Core.Stick;

namespace ExchangeLb.Proxy.Backends;

/// <summary>A `stick` rule ready to be asked.</summary>
internal readonly record struct StickRule(bool Match, bool Store, StickTable Table, CompiledCondition? Condition);

/// <summary>
/// A backend's `stick` rules in one configuration (configuration.txt, 4.2 `stick on`). Immutable; the tables have their own locks.
/// </summary>
/// <param name="servers">The backend's servers by the ids that this configuration gives them.</param>
/// <param name="persist">`option persist`.</param>
/// <param name="usable">What the conditions' `nbsrv` reads, see <see cref="RunningProxies.UsableServers"/>.</param>
internal sealed class StickRules(
    ImmutableArray<StickRule> rules, Dictionary<int, ServerState> servers, bool persist, int[] usable)
{
    private readonly Dictionary<ServerState, int> _ids = servers.ToDictionary(pair => pair.Value, pair => pair.Key);

    public static StickRules None { get; } = new([], [], false, []);

    public bool Any => rules.Length > 0;

    /// <summary>Rules look at more than the client's address.</summary>
    public bool NeedsFacts { get; } = rules.Any(rule => rule.Condition is not null);

    /// <summary>The server that the client is stuck to, if that may serve it; the first rule that knows one decides.</summary>
    public ServerState? Match(UInt128 client, in ConnectionFacts facts, long nowMs)
    {
        foreach (StickRule rule in rules)
        {
            if (rule.Match && Holds(rule, facts)
                && StickKey.FromAddress(client, rule.Table.Model.Key, out UInt128 key)
                && rule.Table.TryMatch(key, nowMs, out int serverId)
                && servers.TryGetValue(serverId, out ServerState? server)
                && (server.ServesStuck || persist))
            {
                return server;
            }
        }
        return null;
    }

    /// <summary>
    /// Remembers the server that the client got; what pointed to another one is rewritten. A server that the configuration no longer
    /// has is not remembered: its id may be another's now.
    /// </summary>
    public void Store(UInt128 client, in ConnectionFacts facts, ServerState server, long nowMs)
    {
        if (!_ids.TryGetValue(server, out int id))
        {
            return;
        }
        foreach (StickRule rule in rules)
        {
            if (rule.Store && Holds(rule, facts) && StickKey.FromAddress(client, rule.Table.Model.Key, out UInt128 key))
            {
                rule.Table.Store(key, id, nowMs);
            }
        }
    }

    private bool Holds(in StickRule rule, in ConnectionFacts facts) => rule.Condition is null || rule.Condition.Holds(facts, usable);
}
