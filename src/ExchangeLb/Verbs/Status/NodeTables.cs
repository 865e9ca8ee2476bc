using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using ExchangeLb.Admin.Cluster;
using ExchangeLb.Core.Runtime;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace ExchangeLb.Verbs.Status;

/// <summary>Nodes side by side, a column each, so that differences meet the eye; more than three go below each other.</summary>
internal static class NodeTables
{
    private const int NodesPerTable = 3;

    public static IEnumerable<IRenderable> Of(ClusterSnapshot cluster) => cluster.Nodes.Chunk(NodesPerTable).Select(nodes => Table(cluster, nodes));

    private static Padder Table(ClusterSnapshot cluster, ClusterNodeSnapshot[] nodes)
    {
        Table table = new Table().Border(TableBorder.None);
        table.AddColumn(new TableColumn(new Text("Node", Styles.Label)).NoWrap().PadLeft(0).PadRight(2));
        foreach (ClusterNodeSnapshot node in nodes)
        {
            table.AddColumn(new TableColumn(new Text(node.IsSelf ? $"{node.Name} (here)" : node.Name, Styles.Label)).PadLeft(0).PadRight(2));
        }
        void Row(string name, Func<ClusterNodeSnapshot, Text> value) => table.AddRow([new Text(name, Styles.Label), .. nodes.Select(value)]);
        void Known(string name, Func<ClusterNodeSnapshot, string> value, Func<ClusterNodeSnapshot, Style>? style = null) =>
            Row(name, node => IsKnown(node) ? new Text(value(node), style?.Invoke(node) ?? Style.Plain) : new Text(ClusterWords.Nothing));

        // 1. How they are.
        Row("State", State);
        Row("Owns", node => new Text(ClusterWords.Owned(cluster, node) is { IsEmpty: false } owned ? string.Join('\n', owned) : ClusterWords.Nothing));
        Known("Links", node => string.Join('\n', node.Links.Select(link => $"{link.Address} {(link.Up ? "up" : "DOWN")}")),
            node => node.Links.All(link => link.Up) ? Style.Plain : Styles.Doubtful);
        Known("Servers", node => node.Backends.IsEmpty ? ClusterWords.Nothing : string.Join('\n', node.Backends.Select(backend => $"{backend.Backend} {backend.Usable}/{backend.Total}")),
            node => node.Backends.All(backend => backend.Usable > 0) ? Style.Plain : Styles.Bad);

        // 2. What they carry.
        Known("Sessions", node => Count(node.Sessions));
        Known("Sticky clients", node => Count(node.StickEntries));
        if (cluster.Recording is not null) { Known("Records held", node => Count(node.RecordsHeld)); }
        Known("Guard", node => node.GuardRunning ? "running" : "not running", node => node.GuardRunning ? Style.Plain : Styles.Doubtful);

        // 3. What they run: different values stand out.
        Known("Version", node => node.Version, Unlike(cluster, node => node.Version));
        Known("haproxy.cfg", node => node.ConfigurationHash, Unlike(cluster, node => node.ConfigurationHash));
        Known("cluster.cfg", node => node.ClusterConfigurationHash, Unlike(cluster, node => node.ClusterConfigurationHash));
        Row("Priority", node => new Text(node.Priority.ToString(CultureInfo.InvariantCulture)));
        Known("Up for", node => ClusterWords.Duration(node.Uptime));
        return new Padder(table, new Padding(0, 1, 0, 1));
    }

    private static Text State(ClusterNodeSnapshot node)
    {
        string state = ClusterWords.State(node);
        string note = ClusterWords.StateNote(node);
        Style style = state switch
        {
            "ready" => Styles.Good,
            "standby" or "no report yet" => Styles.Doubtful,
            _ => Styles.Bad,
        };
        return new Text(note.Length > 0 ? $"{state}: {note}" : state, style);
    }

    private static bool IsKnown(ClusterNodeSnapshot node) => node.Present && ClusterWords.HasReported(node);

    private static Func<ClusterNodeSnapshot, Style> Unlike(ClusterSnapshot cluster, Func<ClusterNodeSnapshot, string> value)
    {
        bool differ = cluster.Nodes.Where(IsKnown).Select(value).Distinct().Count() > 1;
        return _ => differ ? Styles.Doubtful : Style.Plain;
    }

    private static string Count(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
