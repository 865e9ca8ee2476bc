using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Runtime;
using ExchangeLb.Core.Stick;
using ExchangeLb.Linux.Sockets;
using ExchangeLb.Proxy.Loops;

namespace ExchangeLb.Proxy.Stats;

/// <summary>Reads and clears stick tables for the administrator. From any thread: the tables have their own locks.</summary>
/// <param name="now">The configuration at work.</param>
internal sealed class TableCommands(Func<RunningProxies> now)
{
    /// <summary>So many slots are looked at while the loops may have to wait for the table.</summary>
    private const int SliceLength = 256;

    public StickTableContent? Read(string table)
    {
        RunningProxies proxies = now();
        return proxies.Tables.TryGetValue(table, out StickTable? found)
            ? new StickTableContent(found.Model, found.Used, Entries(found, proxies.FindBackend(table)?.Model))
            : null;
    }

    public StickEntrySnapshot? Find(string table, IPAddress key)
    {
        RunningProxies proxies = now();
        return proxies.Tables.TryGetValue(table, out StickTable? found) && TryMakeKey(found, key, out UInt128 stickKey)
            && found.TryRead(stickKey, LoopClock.NowMs(), out StickEntry entry)
            ? Show(found, entry, proxies.FindBackend(table)?.Model.Servers.FirstOrDefault(server => server.Id == entry.ServerId)?.Name)
            : null;
    }

    public CommandResult Clear(string table, IPAddress? key, int serverId)
    {
        if (!now().Tables.TryGetValue(table, out StickTable? found))
        {
            return CommandResult.Failed("No such table.");
        }
        if (key is null)
        {
            found.RemoveWhere(serverId, LoopClock.NowMs());
            return CommandResult.Ok;
        }
        if (!TryMakeKey(found, key, out UInt128 stickKey))
        {
            return CommandResult.Failed("The key is not of the table's type.");
        }
        found.Remove(stickKey, LoopClock.NowMs());
        return CommandResult.Ok;
    }

    private static IEnumerable<StickEntrySnapshot> Entries(StickTable table, BackendModel? backend)
    {
        Dictionary<int, string> names = backend?.Servers.ToDictionary(server => server.Id, server => server.Name) ?? [];
        var slice = new StickEntry[SliceLength];
        int from = 0;
        bool more = true;
        while (more)
        {
            more = table.CopySlice(ref from, slice, LoopClock.NowMs(), out int copied);
            for (int i = 0; i < copied; i++)
            {
                yield return Show(table, slice[i], names.GetValueOrDefault(slice[i].ServerId));
            }
        }
    }

    private static StickEntrySnapshot Show(StickTable table, in StickEntry entry, string? serverName) => new(
        StickKey.ToAddress(entry.Key, table.Model.Key),
        entry.ServerId,
        serverName ?? "",
        entry.RemainingMs == StickTable.NeverMs ? null : TimeSpan.FromMilliseconds(entry.RemainingMs),
        0);

    private static bool TryMakeKey(StickTable table, IPAddress key, out UInt128 stickKey) =>
        StickKey.FromAddress(SockAddress.From(new IPEndPoint(key, 0)).Mapped, table.Model.Key, out stickKey);
}
