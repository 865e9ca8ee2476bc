using System;
using System.Collections.Generic;
using System.Net;
using ExchangeLb.Core.Runtime;
using ExchangeLb.Core.Stick;
using ExchangeLb.Linux.Sockets;
using ExchangeLb.Proxy.Backends;
using ExchangeLb.Proxy.Loops;

namespace ExchangeLb.Proxy.Stats;

/// <summary>Reads and clears stick tables for the administrator. From any thread: the tables have their own locks.</summary>
internal sealed class TableCommands(RunningProxies proxies)
{
    public StickTableContent? Read(string table)
    {
        if (!proxies.Tables.TryGetValue(table, out StickTable? found))
        {
            return null;
        }
        var entries = new List<StickEntry>();
        found.CopyTo(entries, LoopClock.NowMs());
        BackendState? backend = proxies.FindBackend(table);
        var shown = new List<StickEntrySnapshot>(entries.Count);
        foreach (StickEntry entry in entries)
        {
            shown.Add(new StickEntrySnapshot(
                StickKey.ToAddress(entry.Key, found.Model.Key),
                entry.ServerId,
                backend?.NameOfServer(entry.ServerId) ?? "",
                entry.RemainingMs == StickTable.NeverMs ? null : TimeSpan.FromMilliseconds(entry.RemainingMs),
                0));
        }
        return new StickTableContent(found.Model, shown);
    }

    public CommandResult Clear(string table, IPAddress? key, int serverId)
    {
        if (!proxies.Tables.TryGetValue(table, out StickTable? found))
        {
            return CommandResult.Failed("No such table.");
        }
        if (key is null)
        {
            found.RemoveWhere(serverId);
            return CommandResult.Ok;
        }
        UInt128 mapped = SockAddress.From(new IPEndPoint(key, 0)).Mapped;
        if (!StickKey.FromAddress(mapped, found.Model.Key, out UInt128 stickKey))
        {
            return CommandResult.Failed("The key is not of the table's type.");
        }
        found.Remove(stickKey);
        return CommandResult.Ok;
    }
}
