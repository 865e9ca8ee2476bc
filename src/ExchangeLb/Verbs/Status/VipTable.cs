using ExchangeLb.Admin.Cluster;
using ExchangeLb.Core.Runtime;
using Spectre.Console;

namespace ExchangeLb.Verbs.Status;

/// <summary>Who owns what, since when, and by what lease.</summary>
internal static class VipTable
{
    public static Table Of(ClusterSnapshot cluster)
    {
        Table table = new Table().Border(TableBorder.None);
        foreach (string heading in new[] { "VIP", "Owner", "Since", "This node", "Its lease" })
        {
            table.AddColumn(new TableColumn(new Text(heading, Styles.Label)).PadLeft(0).PadRight(2));
        }
        foreach (VipSnapshot vip in cluster.Vips)
        {
            string lease = ClusterWords.Lease(vip);
            table.AddRow(
                new Text(vip.Address),
                new Text(vip.Owner ?? "nobody", vip.Owner is null ? Styles.Bad : Styles.Good),
                new Text($"{ClusterWords.Duration(vip.OwnerFor)} ago"),
                new Text(ClusterWords.Role(vip.Role)),
                vip.Conflict is { } hardware ? new Text($"also used by {hardware}", Styles.Bad) : new Text(lease.Length > 0 ? lease : ClusterWords.Nothing));
        }
        return table;
    }
}
