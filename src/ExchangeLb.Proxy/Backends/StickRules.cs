using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using ExchangeLb.Core.Rules;
using ExchangeLb.Core.Stick;

namespace ExchangeLb.Proxy.Backends;

/// <summary>A `stick` rule ready to be asked.</summary>
internal readonly record struct StickRule(bool Match, bool Store, StickTable Table, CompiledCondition? Condition);

/// <summary>A backend's `stick` rules (configuration.txt, 4.2 `stick on`). Immutable; the tables have their own locks.</summary>
internal sealed class StickRules(ImmutableArray<StickRule> rules, BackendState backend)
{
    private readonly Dictionary<int, ServerState> _serversById = Index(backend);

    public static StickRules None(BackendState backend) => new([], backend);

    public bool Any => rules.Length > 0;

    /// <summary>Rules look at more than the client's address.</summary>
    public bool NeedsFacts { get; } = rules.Any(rule => rule.Condition is not null);

    /// <summary>The server that the client is stuck to, if that may serve it; the first rule that knows one decides.</summary>
    public ServerState? Match(UInt128 client, in ConnectionFacts facts, ReadOnlySpan<int> usable, long nowMs)
    {
        foreach (StickRule rule in rules)
        {
            if (rule.Match && Holds(rule, facts, usable)
                && StickKey.FromAddress(client, rule.Table.Model.Key, out UInt128 key)
                && rule.Table.TryMatch(key, nowMs, out int serverId)
                && _serversById.TryGetValue(serverId, out ServerState? server)
                && (server.ServesStuck || backend.Model.Persist))
            {
                return server;
            }
        }
        return null;
    }

    /// <summary>Remembers the server that the client got; what pointed to another one is rewritten.</summary>
    public void Store(UInt128 client, in ConnectionFacts facts, ReadOnlySpan<int> usable, ServerState server, long nowMs)
    {
        foreach (StickRule rule in rules)
        {
            if (rule.Store && Holds(rule, facts, usable) && StickKey.FromAddress(client, rule.Table.Model.Key, out UInt128 key))
            {
                rule.Table.Store(key, server.Model.Id, nowMs);
            }
        }
    }

    private static bool Holds(in StickRule rule, in ConnectionFacts facts, ReadOnlySpan<int> usable) =>
        rule.Condition is null || rule.Condition.Holds(facts, usable);

    private static Dictionary<int, ServerState> Index(BackendState backend)
    {
        var byId = new Dictionary<int, ServerState>();
        foreach (ServerState server in backend.Servers)
        {
            byId[server.Model.Id] = server;
        }
        return byId;
    }
}
