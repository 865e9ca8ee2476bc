using System;
using System.Collections.Generic;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Stick;

namespace ExchangeLb.Core.Tests.Stick;

internal static class StickTables
{
    public static StickTable Create(int size = 1000, long? expireMs = 60_000, bool noPurge = false, ulong seed = 7)
    {
        TimeSpan? expire = expireMs is { } ms ? TimeSpan.FromMilliseconds(ms) : null;
        return new StickTable(new StickTableModel("t", StickKeyKind.IPv6, size, expire, noPurge, default), seed);
    }

    public static Dictionary<UInt128, StickEntry> Content(this StickTable table, long nowMs)
    {
        List<StickEntry> entries = [];
        table.CopyTo(entries, nowMs);
        Dictionary<UInt128, StickEntry> byKey = [];
        foreach (StickEntry entry in entries)
        {
            byKey.Add(entry.Key, entry);
        }
        return byKey;
    }
}

/// <summary>Keeps what it is told.</summary>
internal sealed class RecordingSink : IStickUpdateSink
{
    public List<StickUpdate> Updates { get; } = [];

    public int Clears { get; private set; }

    public void Publish(in StickUpdate update) => Updates.Add(update);

    public void PublishClear() => Clears++;
}
