using System;
using System.Linq;
using System.Text;
using ExchangeLb.Admin.Page;
using ExchangeLb.Admin.Stats;
using ExchangeLb.Admin.Text;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Runtime;

namespace ExchangeLb.Admin.Http;

/// <summary>Answers requests to one section's stats page. Stateless: whatever it shows is copied at the moment of asking.</summary>
internal static class StatsSite
{
    private static readonly StatsPageModel NoPage = new();

    /// <param name="proxy">The section that the client came to.</param>
    /// <param name="cluster">Null: this node has none.</param>
    public static HttpReply Answer(HttpRequest request, ProxyModel proxy, Func<ILoadBalancerRuntime> runtime, IClusterRuntime? cluster = null)
    {
        // 1. What is not under `stats uri` would go to servers, and such a section has none: 503, as in HAProxy.
        StatsPageModel page = proxy.Stats ?? NoPage;
        if (proxy.Stats is null || StatsUri.Parse(request.Target, page.Uri) is not { } uri)
        {
            return HttpReply.Sentence(503, "No server is available to handle this request.");
        }

        // 2. Who asks.
        if (!page.Users.IsEmpty && !BasicAuth.Allows(page.Users, request.Authorization))
        {
            return HttpReply.Sentence(401, "A user name and password are needed here.") with
            {
                ExtraHeaders = $"www-authenticate: Basic realm={QuotedRealm(page.Realm)}\r\n",
            };
        }

        // 3. What is asked.
        if (request.Method is not ("GET" or "HEAD"))
        {
            return HttpReply.Sentence(405, "This page can be read, not written.") with { ExtraHeaders = "allow: GET, HEAD\r\n" };
        }
        if (uri.Json)
        {
            return HttpReply.Sentence(501, "JSON is not supported; the CSV is under ;csv.");
        }

        // 4. The answer.
        var filter = new StatFilter
        {
            HideMaintenance = uri.HideMaintenance,
            OnlyUp = uri.OnlyUp,
            Scope = [.. page.Scopes.Select(name => name == "." ? proxy.Name : name)],
        };
        LoadBalancerSnapshot snapshot = runtime().Snapshot();
        HttpReply reply = uri.Csv ? Csv(snapshot, filter, page) : Html(new PageView(snapshot, page, filter, uri) { Cluster = cluster?.Snapshot() });
        return uri.NoRefresh ? reply : reply with { Refresh = page.Refresh };
    }

    private static HttpReply Csv(LoadBalancerSnapshot snapshot, StatFilter filter, StatsPageModel page)
    {
        var body = new Utf8Writer();
        StatCsv.WriteHeader(body);
        foreach (ProxySnapshot proxy in snapshot.Proxies)
        {
            StatCsv.WriteRows(body, proxy, filter, page.ShowLegends);
        }
        return new HttpReply(200, "text/plain; charset=utf-8", body);
    }

    private static HttpReply Html(PageView view)
    {
        var body = new Utf8Writer();
        StatsPage.Write(body, view);
        return new HttpReply(200, "text/html; charset=utf-8", body) { ContentPolicy = PageStyle.ContentPolicy };
    }

    /// <summary>As a quoted-string (RFC 9110, 5.6.4); what cannot stand in a header is left out.</summary>
    private static string QuotedRealm(string? realm)
    {
        var quoted = new StringBuilder("\"");
        foreach (char c in realm ?? "HAProxy Statistics")
        {
            if (c is '"' or '\\')
            {
                quoted.Append('\\');
            }
            if (c >= ' ' && c != '\x7F')
            {
                quoted.Append(c);
            }
        }
        return quoted.Append('"').ToString();
    }
}
