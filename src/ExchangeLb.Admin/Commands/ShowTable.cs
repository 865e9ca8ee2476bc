using System.Globalization;
using System.Threading.Tasks;
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
        bool headIsDue = true;
        if (filter.Key is null)
        {
            WriteHead(call, table.Model, table.Entries.Count);
            headIsDue = false;
        }
        long number = 0;
        foreach (StickEntrySnapshot entry in table.Entries)
        {
            number++;
            if (!filter.Matches(entry))
            {
                continue;
            }
            if (headIsDue)
            {
                WriteHead(call, table.Model, table.Entries.Count);
                headIsDue = false;
            }
            Write(call, number, entry);
            await call.SendIfLargeAsync().ConfigureAwait(false);
        }
    }

    private static void WriteHead(CommandCall call, StickTableModel table, int used) =>
        call.Say($"# table: {table.Name}, type: {(table.Key == StickKeyKind.IPv4 ? "ip" : "ipv6")}, size:{table.Size}, used:{used}");

    /// <param name="number">Stands where HAProxy prints the entry's address in memory.</param>
    private static void Write(CommandCall call, long number, StickEntrySnapshot entry)
    {
        string handle = number.ToString("x", CultureInfo.InvariantCulture);
        long remainingMs = (long)(entry.Remaining?.TotalMilliseconds ?? 0);
        string key = entry.ServerName.Length > 0 ? $" server_key={entry.ServerName}" : "";
        call.Say($"0x{handle}: key={entry.Key} use={entry.InUse} exp={remainingMs} server_id={entry.ServerId}{key}");
    }
}
