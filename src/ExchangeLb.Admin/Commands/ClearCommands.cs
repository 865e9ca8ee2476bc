using ExchangeLb.Core.Runtime;

namespace ExchangeLb.Admin.Commands;

/// <summary>`clear counters` and `clear table` (management.txt, 9.3).</summary>
internal static class ClearCommands
{
    private const string TableUsage =
        "Required arguments: <table> \"data.<store_data_type>\" <operator> <value> or <table> key <key>";

    public static void Counters(CommandCall call)
    {
        bool all = call.Argument(0) == "all";
        // The largest values may be cleared by an operator, the counters that monitoring lives on only by an administrator.
        if (all && call.Session.Level < Core.Model.RuntimeLevel.Admin)
        {
            call.Say(CommandRunner.Denied);
            return;
        }
        call.Runtime.ClearCounters(all);
    }

    public static void Table(CommandCall call)
    {
        if (call.Arguments.IsEmpty)
        {
            call.Say(TableUsage);
            return;
        }
        string name = call.Argument(0);
        if (call.Runtime.ReadStickTable(name) is not { } table)
        {
            call.Say("No such table");
            return;
        }
        if (TableFilter.Parse(call, table.Model.Key, TableUsage) is not { } filter)
        {
            return;
        }
        if (filter.IsOpen || filter.Key is not null)
        {
            Clear(call, name, filter.Key);
            return;
        }
        foreach (StickEntrySnapshot entry in table.Entries)
        {
            if (filter.Matches(entry))
            {
                Clear(call, name, entry.Key);
            }
        }
    }

    /// <summary>As in HAProxy silent unless it failed: how many went is no news to scripts.</summary>
    private static void Clear(CommandCall call, string table, System.Net.IPAddress? key)
    {
        CommandResult result = call.Runtime.ClearStickTable(table, key, serverId: 0);
        if (!result.Done)
        {
            call.Say(result);
        }
    }
}
