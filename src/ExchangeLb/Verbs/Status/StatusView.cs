using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using ExchangeLb.Admin.Cluster;
using ExchangeLb.Core.Runtime;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace ExchangeLb.Verbs.Status;

/// <summary>
/// The picture of `exchangelb status`, from what matters most downwards: the verdict and its reasons, VIPs, nodes side by side, the node's own
/// machinery, events. 80 columns are enough for a pair.
/// </summary>
internal static class StatusView
{
    private const int EventsShown = 6;

    public static IRenderable Of(ClusterSnapshot cluster)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        return new Rows(
        [
            Verdict(cluster),
            Text.Empty,
            VipTable.Of(cluster),
            .. NodeTables.Of(cluster),
            Machinery(cluster),
            .. Events(cluster),
        ]);
    }

    private static Rows Verdict(ClusterSnapshot cluster)
    {
        ClusterVerdict verdict = ClusterVerdict.Of(cluster);
        Style style = verdict.Health switch
        {
            ClusterHealth.Good => Styles.Good,
            ClusterHealth.Warning => Styles.Doubtful,
            _ => Styles.Bad,
        };
        Paragraph question = new();
        question.Append($"Cluster {cluster.Cluster}, asked at {cluster.Self}\n", Styles.Quiet);
        question.Append("Would a failover work right now? ");
        question.Append(verdict.Word, style);
        return new Rows([question, .. verdict.Reasons.Select(reason => new Padder(new Paragraph($"- {reason}", style), new Padding(2, 0, 0, 0))),
            .. cluster.Notes.Select(note => new Padder(new Paragraph($"- {note}", Styles.Quiet), new Padding(2, 0, 0, 0)))]);
    }

    private static Grid Machinery(ClusterSnapshot cluster)
    {
        Grid grid = new Grid().AddColumn(new GridColumn().NoWrap().PadLeft(0).PadRight(2)).AddColumn(new GridColumn().PadLeft(0));
        EngineSnapshot engine = cluster.Engine;
        ReplicationSnapshot replication = cluster.Replication;
        void Fact(string name, string value, Style style) => grid.AddRow(new Text(name, Styles.Label), new Paragraph(value, style));
        Fact("Lease", $"{ClusterWords.Milliseconds(cluster.Lease)}, longest gap between renewals {ClusterWords.Milliseconds(cluster.LongestRenewalGap)}", Style.Plain);
        Fact("Replication", $"lag {ClusterWords.Lag(replication)}; {Count(replication.SentTotal)} sent, {Count(replication.ReceivedTotal)} received"
            + (replication.DroppedTotal > 0 ? $", {Count(replication.DroppedTotal)} dropped" : ""), Style.Plain);
        foreach (TeachingSnapshot teaching in replication.Teaching.Where(teaching => !teaching.Complete))
        {
            Fact("Teaching", $"{teaching.Node}, {Count(teaching.Entries)} entries so far", Styles.Doubtful);
        }
        if (cluster.Recording is { } recording)
        {
            Fact("Recording", $"quiet connections: {ClusterWords.Recording(recording)}", Style.Plain);
        }
        Fact("Engine", $"{ClusterWords.Engine(engine)}; view {engine.Epoch}, {Count(engine.SentTotal)} sent, {Count(engine.ReceivedTotal)} received"
            + (engine.RejectedTotal > 0 ? $", {Count(engine.RejectedTotal)} not believed" : "")
            + (engine.RestartsTotal > 0 ? $", lost {Count(engine.RestartsTotal)} times" : ""), engine.Connected ? Style.Plain : Styles.Bad);
        Fact("Guard", cluster.Guard.Running ? $"running, process {cluster.Guard.Pid}" : "not running", cluster.Guard.Running ? Style.Plain : Styles.Doubtful);
        return grid;
    }

    private static IEnumerable<IRenderable> Events(ClusterSnapshot cluster)
    {
        if (cluster.Events.IsEmpty)
        {
            yield break;
        }
        Grid grid = new Grid().AddColumn(new GridColumn().NoWrap().PadLeft(0).PadRight(2)).AddColumn(new GridColumn().NoWrap().PadLeft(0).PadRight(2))
            .AddColumn(new GridColumn().PadLeft(0));
        foreach (ClusterEvent happened in cluster.Events.TakeLast(EventsShown))
        {
            grid.AddRow(
                new Text(happened.Unix.LocalDateTime.ToString("MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture), Styles.Quiet), new Text(happened.Kind), new Paragraph(happened.Text));
        }
        yield return Text.Empty;
        yield return new Text("Recent events", Styles.Label);
        yield return grid;
    }

    private static string Count(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
