using System.Collections.Frozen;
using System.Collections.Generic;
using System.Linq;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Proxy.Replication;

/// <summary>
/// Which server an id in a stick table means. The table's own backend says it; a backend that is there only to hold the table has no servers,
/// then those say it whose rules use the table, as far as they agree.
/// </summary>
internal static class ReplicatedServers
{
    public static FrozenDictionary<int, string> Of(string table, IEnumerable<BackendModel> backends)
    {
        BackendModel[] all = [.. backends];
        BackendModel[] own = [.. all.Where(backend => backend.Name == table && backend.Servers.Length > 0)];
        IEnumerable<BackendModel> users = own.Length > 0 ? own : all.Where(backend => backend.StickRules.Any(rule => rule.Table == table));
        return users
            .SelectMany(backend => backend.Servers)
            .GroupBy(server => server.Id)
            .Where(same => same.All(server => server.Name == same.First().Name))
            .ToFrozenDictionary(same => same.Key, same => same.First().Name);
    }
}
