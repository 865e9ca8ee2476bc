using System;
using System.Collections.Generic;
using ExchangeLb.Admin.Stats;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Runtime;

namespace ExchangeLb.Admin.Page;

/// <summary>
/// A backend's servers, one row each, and the backend as a whole in the foot. The roles are written out because narrow
/// screens show rows as blocks, and browsers then forget that it is a table.
/// </summary>
internal static class ServerTable
{
    private static readonly string[] NumberColumns =
        ["Weight", "Sessions", "Total", "Queue", "Received", "Sent", "Errors", "Retries", "Downtime"];

    public static void Write(HtmlWriter html, ProxySnapshot proxy, BackendSnapshot backend, IReadOnlyList<ServerSnapshot> servers)
    {
        html.Add($"<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Servers of {proxy.Model.Name}\">");
        html.Add($"<table role=\"table\"><caption>Servers of {proxy.Model.Name}</caption>\n<thead role=\"rowgroup\"><tr role=\"row\">");
        html.Add($"<th role=\"columnheader\" scope=\"col\">Server</th><th role=\"columnheader\" scope=\"col\">State</th>");
        html.Add($"<th role=\"columnheader\" scope=\"col\">Last check</th>");
        foreach (string column in NumberColumns)
        {
            html.Add($"<th role=\"columnheader\" scope=\"col\" class=\"num\">{column}</th>");
        }
        html.Add($"</tr></thead>\n<tbody role=\"rowgroup\">\n");
        foreach (ServerSnapshot server in servers)
        {
            WriteServer(html, proxy, server);
        }
        html.Add($"</tbody>\n<tfoot role=\"rowgroup\">\n");
        WriteBackend(html, proxy, backend);
        html.Add($"</tfoot></table></div>\n");
    }

    private static void WriteServer(HtmlWriter html, ProxySnapshot proxy, ServerSnapshot server)
    {
        // 1. Who and how.
        ServerModel model = server.Model;
        Condition condition = Condition.Of(server);
        html.Add($"<tr role=\"row\" id=\"{Parts.RowId(proxy, server)}\" class=\"is-{Parts.Css(condition.Tone)}\"><th role=\"rowheader\" scope=\"row\"><span class=\"v\">{model.Name}</span>");
        html.Add($"<small>{ServerAddress.Text(server)}{(model.Backup ? " · backup" : "")}</small></th>\n");
        html.Add($"<td role=\"cell\" class=\"state\" data-label=\"State\">");
        string word = HaproxyWords.Status(server);
        Parts.Pill(html, condition, word);
        string step = word.Contains('/', StringComparison.Ordinal) ? word + ", " : "";
        html.Add($"<small>{step}{Condition.Since(server)}</small></td>\n");
        html.Add($"<td role=\"cell\" class=\"check\" data-label=\"Last check\"><span class=\"v\">{CheckWords.Of(server)}</span>");
        if (server.CheckFailures > 0 || server.DownTransitions > 0)
        {
            html.Add($"<small>{Words.Count(server.CheckFailures)} failed, {Words.Count(server.DownTransitions)} × down</small>");
        }
        html.Add($"</td>\n");

        // 2. Numbers.
        string weight = server.Weight == server.InitialWeight ? "" : $"file: {server.InitialWeight}";
        Parts.Cell(html, "Weight", Words.Count(server.Weight), weight);
        TrafficSnapshot traffic = server.Traffic;
        Parts.CellWithBar(html, "Sessions", traffic.CurrentSessions, model.MaxConn, SessionNote(traffic, model.MaxConn));
        Parts.Cell(html, "Total", Words.Count(traffic.TotalSessions), RateNote(traffic));
        Parts.Cell(html, "Queue", Words.Count(server.Queued), MostNote(server.MaxQueued));
        Parts.Cell(html, "Received", Words.Bytes(traffic.BytesIn));
        Parts.Cell(html, "Sent", Words.Bytes(traffic.BytesOut));
        Parts.Cell(html, "Errors", Words.Count(server.ConnectionErrors + server.ResponseErrors),
            ErrorNote(server.ConnectionErrors, server.ResponseErrors));
        Parts.Cell(html, "Retries", Words.Count(server.Retries), RedispatchNote(server.Redispatches));
        Parts.Cell(html, "Downtime", server.Check is null ? "–" : Words.Duration(server.Downtime));
        html.Add($"</tr>\n");
    }

    private static void WriteBackend(HtmlWriter html, ProxySnapshot proxy, BackendSnapshot backend)
    {
        html.Add($"<tr role=\"row\"><th role=\"rowheader\" scope=\"row\"><span class=\"v\">Backend</span>");
        html.Add($"<small>{backend.ActiveServers} active, {backend.BackupServers} backup usable</small></th>\n");
        html.Add($"<td role=\"cell\" class=\"state\" data-label=\"State\">");
        Parts.Pill(html, backend.Up ? new Condition("Up", Tone.Good) : new Condition("Down", Tone.Bad), backend.Up ? "UP" : "DOWN");
        html.Add($"<small>for {Words.Duration(backend.SinceChange)}</small></td>\n<td role=\"cell\" class=\"check\" data-label=\"Last session\">");
        html.Add($"<span class=\"v\">{LastSession(backend)}</span></td>\n");
        Parts.Cell(html, "Weight", Words.Count(backend.Weight));
        TrafficSnapshot traffic = backend.Traffic;
        Parts.Cell(html, "Sessions", Words.Count(traffic.CurrentSessions), SessionNote(traffic, 0));
        Parts.Cell(html, "Total", Words.Count(traffic.TotalSessions), RateNote(traffic));
        Parts.Cell(html, "Queue", Words.Count(backend.Queued), MostNote(backend.MaxQueued));
        Parts.Cell(html, "Received", Words.Bytes(traffic.BytesIn));
        Parts.Cell(html, "Sent", Words.Bytes(traffic.BytesOut));
        Parts.Cell(html, "Errors", Words.Count(backend.ConnectionErrors + backend.ResponseErrors),
            ErrorNote(backend.ConnectionErrors, backend.ResponseErrors));
        Parts.Cell(html, "Retries", Words.Count(backend.Retries), RedispatchNote(backend.Redispatches));
        Parts.Cell(html, "Downtime", Words.Duration(backend.Downtime));
        html.Add($"</tr>\n");
    }

    private static string LastSession(BackendSnapshot backend) =>
        backend.SinceLastSession is { } since ? $"Last session {Words.Duration(since)} ago" : "No session yet";

    private static string SessionNote(TrafficSnapshot traffic, int limit)
    {
        string most = traffic.MaxSessions > 0 ? $"most {Words.Count(traffic.MaxSessions)}" : "";
        return limit == 0 ? most : most.Length == 0 ? $"of {Words.Count(limit)}" : $"of {Words.Count(limit)}, {most}";
    }

    private static string RateNote(TrafficSnapshot traffic) => traffic.TotalSessions > 0 ? $"{Words.Count(traffic.SessionRate)} a second" : "";

    private static string MostNote(int most) => most > 0 ? $"most {Words.Count(most)}" : "";

    private static string ErrorNote(long connecting, long answering) =>
        connecting == 0 && answering == 0 ? ""
        : answering == 0 ? "connecting"
        : connecting == 0 ? "answering"
        : $"{Words.Count(connecting)} connecting";

    private static string RedispatchNote(long redispatches) => redispatches > 0 ? $"{Words.Count(redispatches)} moved" : "";
}
