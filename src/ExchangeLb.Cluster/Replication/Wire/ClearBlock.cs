using System;
using ExchangeLb.Cluster.Messages;
using ExchangeLb.Cluster.Replication.Tables;
using ExchangeLb.Core.Stick;

namespace ExchangeLb.Cluster.Replication.Wire;

/// <summary>A table was cleared: its name, then epoch (4), sequence (8), writer (4) up to which all is gone.</summary>
internal static class ClearBlock
{
    /// <summary>False: it does not fit.</summary>
    public static bool TryWrite(ReplicationBody body, TableLink table)
    {
        if (body.Room < 5 + 2 + table.NameBytes.Length + 16)
        {
            return false;
        }
        int mark = body.BeginBlock(BlockKind.Clear);
        body.Name(table.NameBytes);
        body.Version(table.Table.ClearedUpTo);
        body.EndBlock(mark);
        return true;
    }

    public static bool TryRead(ReadOnlySpan<byte> content, out ReadOnlySpan<byte> table, out StickVersion upTo)
    {
        BodyReader reader = new(content);
        table = reader.Name();
        upTo = reader.Version();
        return reader.WellDone;
    }
}
