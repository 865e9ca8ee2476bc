using System;
using System.Buffers.Binary;
using System.Net;
using System.Threading.Tasks;
using ExchangeLb.Admin.Text;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Runtime;

namespace ExchangeLb.Admin.Commands;

/// <summary>`show table` (management.txt, 9.3).</summary>
internal static class ShowTable
{
    private const string Usage = "Optional argument only supports \"data.<store_data_type>\" <operator> <value> and key <key>";

    public static async ValueTask WriteAsync(CommandCall call)
    {
        // 1. Without a name: one line a table.
        if (call.Arguments.IsEmpty)
        {
            foreach (ProxySnapshot proxy in call.Runtime.Snapshot().Proxies)
            {
                if (proxy.StickTable is { } one)
                {
                    WriteHead(call, one.Model, one.Used);
                    await call.SendIfLargeAsync().ConfigureAwait(false);
                }
            }
            return;
        }

        // 2. With a name: its line and its entries. Asked for one key, HAProxy leaves the table's line out where there is no entry.
        if (call.Runtime.ReadStickTable(call.Argument(0)) is not { } table)
        {
            call.Say("No such table");
            return;
        }
        if (TableFilter.Parse(call, table.Model.Key, Usage) is not { } filter)
        {
            return;
        }
        if (filter.Key is { } key)
        {
            if (call.Runtime.FindStickEntry(table.Model.Name, key) is { } only)
            {
                WriteHead(call, table.Model, table.Used);
                Write(call.Output, only);
            }
            return;
        }
        WriteHead(call, table.Model, table.Used);
        foreach (StickEntrySnapshot entry in table.Entries)
        {
            if (filter.Matches(entry))
            {
                Write(call.Output, entry);
                await call.SendIfLargeAsync().ConfigureAwait(false);
            }
        }
    }

    private static void WriteHead(CommandCall call, StickTableModel table, int used) =>
        call.Say($"# table: {table.Name}, type: {(table.Key == StickKeyKind.IPv4 ? "ip" : "ipv6")}, size:{table.Size}, used:{used}");

    /// <summary>Where HAProxy prints the entry's address in memory stands the key as a number, which as well is no other entry's.</summary>
    private static void Write(Utf8Writer output, in StickEntrySnapshot entry)
    {
        output.Raw("0x"u8).Value(NumberOf(entry.Key), "x").Raw(": key="u8).Value(entry.Key).Raw(" use="u8).Number(entry.InUse)
            .Raw(" exp="u8).Number((long)(entry.Remaining?.TotalMilliseconds ?? 0)).Raw(" server_id="u8).Number(entry.ServerId);
        if (entry.ServerName.Length > 0)
        {
            output.Raw(" server_key="u8).Text(entry.ServerName);
        }
        output.Raw("\n"u8);
    }

    private static UInt128 NumberOf(IPAddress key)
    {
        Span<byte> sixteen = stackalloc byte[16];
        key.TryWriteBytes(sixteen, out int length);
        UInt128 number = BinaryPrimitives.ReadUInt128BigEndian(sixteen);
        return number >> (8 * (16 - length));
    }
}
