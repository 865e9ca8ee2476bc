using System.Linq;
using ExchangeLb.Admin.Stats;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Runtime;

namespace ExchangeLb.Admin.Page;

/// <summary>One box a proxy.</summary>
internal static class ProxyBoxes
{
    public static void Write(HtmlWriter html, PageView view)
    {
        html.Add($"<main>\n");
        foreach (ProxySnapshot proxy in view.Proxies)
        {
            Write(html, view, proxy);
        }
        html.Add($"</main>\n");
    }

    private static void Write(HtmlWriter html, PageView view, ProxySnapshot proxy)
    {
        string id = $"proxy-{proxy.Model.Id}";
        html.Add($"<section class=\"box proxy\" aria-labelledby=\"{id}\">\n<div class=\"head\"><h2 id=\"{id}\">{proxy.Model.Name}</h2>");
        Parts.Pill(html, Condition.Of(proxy));
        html.Add($"<p>{Kind(proxy)}</p></div>\n");
        if (proxy.Model.Description is { Length: > 0 } description)
        {
            html.Add($"<p class=\"about\">{description}</p>\n");
        }
        if (proxy.Frontend is { } frontend)
        {
            FrontendFacts.Write(html, proxy.Model, frontend);
        }
        if (proxy.Backend is { } backend && !proxy.Servers.IsEmpty)
        {
            ServerTable.Write(html, proxy, backend, [.. proxy.Servers.Where(view.Filter.Shows)]);
        }
        if (proxy.StickTable is { } table)
        {
            Write(html, table);
        }
        html.Add($"</section>\n");
    }

    /// <summary>"listen · tcp · roundrobin · 192.0.2.25:443".</summary>
    private static string Kind(ProxySnapshot proxy)
    {
        string kind = proxy.Model.Kind switch
        {
            ProxyKind.Listen => "listen",
            ProxyKind.Frontend => "frontend",
            _ => "backend",
        };
        string mode = proxy.Model.Stats is null ? HaproxyWords.Mode(proxy.Model.Mode) : "stats page";
        string balance = proxy.Model.Backend is { Servers.Length: > 0 } backend ? " · " + HaproxyWords.Algorithm(backend.Balance) : "";
        string addresses = proxy.Frontend is { Addresses.Length: > 0 } frontend ? " · " + string.Join(", ", frontend.Addresses) : "";
        return $"{kind} · {mode}{balance}{addresses}";
    }

    private static void Write(HtmlWriter html, StickTableSnapshot table)
    {
        string expiry = table.Model.Expire is { } expire ? $"forgotten after {Words.Duration(expire)} of silence" : "never forgotten";
        string full = table.Model.NoPurge ? "no new ones when full" : "the oldest goes when full";
        html.Add($"<dl class=\"facts stick\">\n");
        Parts.FactWithBar(html, "Sticky clients", table.Used, table.Model.Size, $"of {Words.Count(table.Model.Size)}, {expiry}, {full}");
        html.Add($"</dl>\n");
    }
}
