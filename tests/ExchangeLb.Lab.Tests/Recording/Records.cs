using System;
using ExchangeLb.Core.Runtime;
using ExchangeLb.Proxy.Recording;

namespace ExchangeLb.Lab.Tests.Recording;

/// <summary>What an owner tells, changed on its way.</summary>
internal static class Records
{
    /// <summary>Sessions become active, and never quiet (again).</summary>
    internal static void WithoutSnapshots(ReadOnlySpan<byte> records, TellRecords tell)
    {
        RecordReader reader = new(records);
        RecordBatch rest = new(reader.Address, reader.Incarnation, tell);
        while (reader.TryNext(out SessionRecord record))
        {
            switch (record.Kind)
            {
                case RecordKind.Established: rest.Established(record.Session, record.Client, record.Server); break;
                case RecordKind.Active: rest.Active(record.Session); break;
                case RecordKind.Ended: rest.Ended(record.Session); break;
                default: break;
            }
        }
        rest.Tell();
    }
}
