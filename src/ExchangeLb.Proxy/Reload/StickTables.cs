using System.Collections.Frozen;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Stick;
using ExchangeLb.Proxy.Replication;

namespace ExchangeLb.Proxy.Reload;

/// <summary>The stick tables of a configuration: those of the one before as far as they fit, others anew. Pure but for memory.</summary>
internal static class StickTables
{
    public static (Dictionary<string, StickTable> Tables, ImmutableArray<StickTableMove> Moves) Make(
        RunningProxies next, RunningProxies? before, ulong hashSeed)
    {
        var tables = new Dictionary<string, StickTable>();
        var moves = ImmutableArray.CreateBuilder<StickTableMove>();
        foreach (ProxyModel proxy in next.Model.Proxies)
        {
            if (proxy.Backend?.StickTable is not { } model)
            {
                continue;
            }
            StickTable? old = before?.Tables.GetValueOrDefault(model.Name);
            if (old is null || old.Model.Key != model.Key)
            {
                tables[model.Name] = new StickTable(model, hashSeed);
                continue;
            }
            FrozenDictionary<int, int> ids = ChangedIds(Servers(model.Name, before!), Servers(model.Name, next));
            if (ids.Count == 0 && old.Model with { Place = model.Place } == model)
            {
                tables[model.Name] = old;
                continue;
            }
            var table = new StickTable(model, hashSeed);
            table.Succeed(old);
            tables[model.Name] = table;
            moves.Add(new StickTableMove(old, table, ids));
        }
        return (tables, moves.ToImmutable());
    }

    private static FrozenDictionary<int, string> Servers(string table, RunningProxies proxies) =>
        ReplicatedServers.Of(table, proxies.Backends.Select(backend => backend.Model));

    /// <summary>
    /// Servers have their ids by their place in the file unless it says otherwise: one line less, and all behind it have others.
    /// Entries follow the names.
    /// </summary>
    private static FrozenDictionary<int, int> ChangedIds(FrozenDictionary<int, string> before, FrozenDictionary<int, string> next)
    {
        var changed = new Dictionary<int, int>();
        foreach ((int id, string name) in before)
        {
            int now = next.FirstOrDefault(server => server.Value == name).Key;
            if (now != id && (now != 0 || next.ContainsKey(id)))
            {
                changed[id] = now;
            }
        }
        return changed.ToFrozenDictionary();
    }
}
