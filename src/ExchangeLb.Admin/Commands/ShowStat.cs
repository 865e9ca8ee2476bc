using System.Collections.Immutable;
using System.Globalization;
using System.Linq;
using System.Threading.Tasks;
using ExchangeLb.Admin.Stats;
using ExchangeLb.Core.Runtime;

namespace ExchangeLb.Admin.Commands;

/// <summary>`show stat` (management.txt, 9.3): the CSV.</summary>
internal static class ShowStat
{
    public static async ValueTask WriteAsync(CommandCall call)
    {
        ImmutableArray<string> words = call.Arguments;
        string? form = words.FirstOrDefault(word => word is "json" or "typed" or "desc");
        if (form is not null)
        {
            call.Say($"'show stat {form}' is not supported by ExchangeLb; it speaks CSV.");
            return;
        }

        // 1. Which rows: three arguments, or all.
        var filter = new StatFilter { HideMaintenance = words.Contains("no-maint"), OnlyUp = words.Contains("up") };
        LoadBalancerSnapshot snapshot = call.Runtime.Snapshot();
        if (words.Length >= 3)
        {
            bool byNumber = int.TryParse(words[0], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int iid);
            if (!byNumber && snapshot.Proxies.All(proxy => proxy.Model.Name != words[0]))
            {
                call.Say("No such proxy.");
                return;
            }
            int sid = Number(words[2]);
            filter = filter with
            {
                ProxyId = byNumber && iid != -1 ? iid : null,
                ProxyName = byNumber ? null : words[0],
                Rows = (StatRows)Number(words[1]),
                ServerId = sid == -1 ? null : sid,
            };
        }

        // 2. The rows.
        StatCsv.WriteHeader(call.Output);
        foreach (ProxySnapshot proxy in snapshot.Proxies)
        {
            StatCsv.WriteRows(call.Output, proxy, filter, legends: true);
            await call.SendIfLargeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>What is no number counts as 0, as in C.</summary>
    private static int Number(string text) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) ? number : 0;
}
