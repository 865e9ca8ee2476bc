using System.Collections.Immutable;
using System.Globalization;
using System.Linq;
using ExchangeLb.Admin.Cluster;
using ExchangeLb.Core.Runtime;

namespace ExchangeLb.Admin.Page;

/// <summary>All nodes and VIPs as this node knows them, whether a failover would work, and what stands against it. Nothing without a cluster.</summary>
internal static class ClusterBox
{
    private const int EventsShown = 6;

    public static void Write(HtmlWriter html, PageView view)
    {
        if (view.Cluster is not { } cluster)
        {
            return;
        }
        ClusterVerdict verdict = ClusterVerdict.Of(cluster);
        Tone tone = ToneOf(verdict.Health);
        html.Add($"<section class=\"box cluster\" aria-labelledby=\"cluster\">\n<div class=\"head\"><h2 id=\"cluster\">Cluster {cluster.Cluster}</h2>");
        Parts.Pill(html, new(verdict.Sentence, tone));
        html.Add($"<p>as {cluster.Self} sees it</p></div>\n");
        Reasons(html, verdict.Reasons, Parts.Css(tone));
        Reasons(html, cluster.Notes, "");
        Facts(html, cluster);
        Nodes(html, cluster);
        Events(html, cluster);
        html.Add($"</section>\n");
    }

    private static void Reasons(HtmlWriter html, ImmutableArray<string> reasons, string tone)
    {
        if (reasons.IsEmpty)
        {
            return;
        }
        html.Add($"<ul class=\"reasons {tone}\">\n");
        foreach (string reason in reasons)
        {
            html.Add($"<li>{reason}</li>\n");
        }
        html.Add($"</ul>\n");
    }

    private static void Facts(HtmlWriter html, ClusterSnapshot cluster)
    {
        html.Add($"<dl class=\"facts\">\n");
        foreach (VipSnapshot vip in cluster.Vips)
        {
            string since = vip.Owner is null ? $"for {Words.Duration(vip.OwnerFor)}" : $"owner for {Words.Duration(vip.OwnerFor)}";
            Parts.Fact(html, vip.Address, vip.Owner ?? "nobody", vip.Solo ? $"{since}, without a peer's word" : since);
        }
        Parts.Fact(html, "Lease", ClusterWords.Milliseconds(cluster.Lease), $"longest gap {ClusterWords.Milliseconds(cluster.LongestRenewalGap)}");
        Parts.Fact(html, "Stick table lag", ClusterWords.Lag(cluster.Replication), Teaching(cluster.Replication));
        if (cluster.Recording is { } recording)
        {
            Parts.Fact(html, "Quiet connections", ClusterWords.RecordsHeld(cluster), $"to go on with when their owner dies; {cluster.Self} told {Words.Bytes(recording.SentBytesTotal)} of its own, in {ClusterWords.Milliseconds(recording.Busy)} of processor time");
        }
        Parts.Fact(html, "Engine", cluster.Engine.Connected ? "connected" : "not connected", ClusterWords.Engine(cluster.Engine));
        html.Add($"</dl>\n");
    }

    private static string Teaching(ReplicationSnapshot replication) =>
        string.Join(", ", replication.Teaching.Where(teaching => !teaching.Complete).Select(teaching => $"teaching {teaching.Node}, {Words.Count(teaching.Entries)} entries so far"));

    private static void Nodes(HtmlWriter html, ClusterSnapshot cluster)
    {
        html.Add($"<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Nodes\"><table role=\"table\"><caption>Nodes</caption>\n");
        html.Add($"<thead role=\"rowgroup\"><tr role=\"row\"><th role=\"columnheader\" scope=\"col\">Node</th><th role=\"columnheader\" scope=\"col\">State</th>");
        html.Add($"<th role=\"columnheader\" scope=\"col\">Owns</th><th role=\"columnheader\" scope=\"col\">Links</th><th role=\"columnheader\" scope=\"col\">Servers</th>");
        foreach (string column in new[] { "Sessions", "Sticky clients", "Guard", "Version", "Up for" })
        {
            html.Add($"<th role=\"columnheader\" scope=\"col\" class=\"num\">{column}</th>");
        }
        html.Add($"</tr></thead>\n<tbody role=\"rowgroup\">\n");
        foreach (ClusterNodeSnapshot node in cluster.Nodes)
        {
            Node(html, cluster, node);
        }
        html.Add($"</tbody></table></div>\n");
    }

    /// <summary>What this node saw last: who became owner, what moved, and what became of it.</summary>
    private static void Events(HtmlWriter html, ClusterSnapshot cluster)
    {
        if (cluster.Events.IsEmpty)
        {
            return;
        }
        html.Add($"<ul class=\"events\" aria-label=\"Events that {cluster.Self} saw, the newest first\">\n");
        foreach (ClusterEvent happened in cluster.Events.Reverse().Take(EventsShown))
        {
            string time = happened.Unix.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
            html.Add($"<li><time>{time} UTC</time> <b>{happened.Kind}</b> <span>{happened.Text}</span></li>\n");
        }
        html.Add($"</ul>\n");
    }

    private static void Node(HtmlWriter html, ClusterSnapshot cluster, ClusterNodeSnapshot node)
    {
        // 1. Who and how.
        Tone tone = ToneOf(node);
        html.Add($"<tr role=\"row\" class=\"is-{Parts.Css(tone)}\"><th role=\"rowheader\" scope=\"row\"><span class=\"v\">{node.Name}</span>");
        html.Add($"<small>{(node.IsSelf ? "this node" : node.Links.IsDefaultOrEmpty ? "" : node.Links[0].Address)}</small></th>\n");
        html.Add($"<td role=\"cell\" class=\"state\" data-label=\"State\">");
        Parts.Pill(html, new(ClusterWords.State(node), tone));
        html.Add($"<small>{ClusterWords.StateNote(node)}</small></td>\n");

        // 2. What it has.
        bool known = node.Present && ClusterWords.HasReported(node);
        ImmutableArray<string> owned = ClusterWords.Owned(cluster, node);
        Text(html, "Owns", owned.IsEmpty ? "–" : string.Join(", ", owned), "");
        Text(html, "Links", known ? ClusterWords.Links(node) : "–", known ? string.Join(", ", node.Links.Select(link => link.Address)) : "");
        Text(html, "Servers", known ? ClusterWords.Servers(node) : "–", "");

        // 3. Numbers.
        Parts.Cell(html, "Sessions", known ? Words.Count(node.Sessions) : "–");
        Parts.Cell(html, "Sticky clients", known ? Words.Count(node.StickEntries) : "–");
        Parts.Cell(html, "Guard", !known ? "–" : node.GuardRunning ? "running" : "none");
        Parts.Cell(html, "Version", known ? node.Version : "–", known ? $"haproxy.cfg {node.ConfigurationHash}" : "");
        Parts.Cell(html, "Up for", known ? Words.Duration(node.Uptime) : "–");
        html.Add($"</tr>\n");
    }

    private static void Text(HtmlWriter html, string label, string value, string note)
    {
        html.Add($"<td role=\"cell\" class=\"{(value == "–" ? "nil" : "")}\" data-label=\"{label}\"><span class=\"v\">{value}</span><small>{note}</small></td>\n");
    }

    private static Tone ToneOf(ClusterHealth health) => health switch
    {
        ClusterHealth.Good => Tone.Good,
        ClusterHealth.Warning => Tone.Doubtful,
        _ => Tone.Bad,
    };

    private static Tone ToneOf(ClusterNodeSnapshot node) => ClusterWords.State(node) switch
    {
        "ready" => node.ReportAge > ClusterWords.FreshReport ? Tone.Doubtful : Tone.Good,
        "standby" => Tone.Intended,
        "no report yet" => Tone.Doubtful,
        _ => Tone.Bad,
    };
}
