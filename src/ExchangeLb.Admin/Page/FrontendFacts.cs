using System.Linq;
using ExchangeLb.Admin.Stats;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Runtime;

namespace ExchangeLb.Admin.Page;

/// <summary>What comes in from clients.</summary>
internal static class FrontendFacts
{
    public static void Write(HtmlWriter html, ProxyModel proxy, FrontendSnapshot frontend)
    {
        TrafficSnapshot traffic = frontend.Traffic;
        html.Add($"<dl class=\"facts\">\n");
        if (proxy.Backend is { Servers.Length: > 0 })
        {
            // Without servers the heading already says how the frontend is.
            html.Add($"<div><dt>Frontend</dt><dd>");
            Parts.Pill(html, Condition.Of(frontend), HaproxyWords.Status(frontend.Status));
            html.Add($"</dd></div>\n");
        }
        Parts.FactWithBar(html, "Sessions", traffic.CurrentSessions, frontend.SessionLimit,
            $"of {Words.Count(frontend.SessionLimit)}, most {Words.Count(traffic.MaxSessions)}");
        Parts.Fact(html, "New a second", Words.Count(traffic.SessionRate), $"most {Words.Count(traffic.MaxSessionRate)}");
        Parts.Fact(html, "Total", Words.Count(traffic.TotalSessions), "sessions");
        Parts.Fact(html, "Received", Words.Bytes(traffic.BytesIn));
        Parts.Fact(html, "Sent", Words.Bytes(traffic.BytesOut));
        Parts.Fact(html, "Errors", Words.Count(frontend.RequestErrors));
        long refused = frontend.ConnectionsTotal - traffic.TotalSessions;
        if (refused > 0)
        {
            Parts.Fact(html, "Refused", Words.Count(refused), "before a session began");
        }
        if (proxy.Mode == ProxyMode.Http)
        {
            Parts.Fact(html, "Requests", Words.Count(frontend.HttpRequests), Responses(frontend));
        }
        html.Add($"</dl>\n");
    }

    /// <summary>"12 × 2xx, 1 × 4xx".</summary>
    private static string Responses(FrontendSnapshot frontend)
    {
        string[] names = ["1xx", "2xx", "3xx", "4xx", "5xx", "other"];
        return string.Join(", ", names.Zip(frontend.HttpResponses).Where(pair => pair.Second > 0)
            .Select(pair => $"{Words.Count(pair.Second)} × {pair.First}"));
    }
}
