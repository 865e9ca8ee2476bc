using System;
using System.Collections.Generic;
using System.Linq;
using ExchangeLb.Config.Keywords;
using ExchangeLb.Config.Lexing;
using ExchangeLb.Config.Proxies;
using ExchangeLb.Config.Sections;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Config.Building;

/// <summary>
/// What one section says of another must exist: backends, stick tables. Disabled sections are not looked at, as in HAProxy.
/// </summary>
internal static class ReferenceChecks
{
    public static void Run(ReadingContext context)
    {
        Dictionary<string, ProxyDraft> backends = new(StringComparer.Ordinal);
        foreach (ProxyDraft proxy in context.Proxies.Where(proxy => proxy.HasBackend))
        {
            backends.TryAdd(proxy.Name, proxy);
        }
        HashSet<string> tables = [.. context.Proxies.Where(proxy => proxy.HasStickTableLine).Select(proxy => proxy.Name)];
        foreach (ProxyDraft proxy in context.Proxies)
        {
            foreach ((string backend, SourcePlace place) in proxy.NamedBackends)
            {
                CheckBackend(context, proxy, "nbsrv", backend, place, backends);
            }
            if (!proxy.Settings.Disabled)
            {
                CheckSwitching(context, proxy, backends);
                CheckSticking(context, proxy, tables);
            }
        }
    }

    private static void CheckSwitching(ReadingContext context, ProxyDraft proxy, Dictionary<string, ProxyDraft> backends)
    {
        if (!proxy.HasFrontend)
        {
            return;
        }
        if (proxy.Settings.DefaultBackend is { } name)
        {
            CheckBackend(context, proxy, "default_backend", name, proxy.Settings.DefaultBackendPlace, backends);
        }
        foreach (UseBackendModel rule in proxy.UseBackends)
        {
            CheckBackend(context, proxy, "use_backend", rule.Backend, rule.Place, backends);
        }
    }

    private static void CheckBackend(
        ReadingContext context, ProxyDraft proxy, string keyword, string name, SourcePlace place, Dictionary<string, ProxyDraft> backends)
    {
        if (context.Diagnostics.AlertCount >= ReaderLimits.Alerts)
        {
            // To look for the nearest of many names many times would take for ever.
            return;
        }
        if (!backends.TryGetValue(name, out ProxyDraft? target))
        {
            string remedy = NearestWord.Find(name, backends.Keys) is { } nearest
                ? $"did you mean '{nearest}'?" : $"add a section: backend {name}";
            context.Diagnostics.Alert(place, $"{proxy.Title}: '{keyword}' names '{name}', but there is no such backend; {remedy}");
        }
        else if (target == proxy && keyword != "nbsrv")
        {
            context.Diagnostics.Alert(place,
                $"{proxy.Title}: '{keyword}' leads back to this very section; remove it, its servers are used anyway");
        }
    }

    private static void CheckSticking(ReadingContext context, ProxyDraft proxy, HashSet<string> tables)
    {
        if (proxy.Peers is { } peers && !context.PeersSections.Contains(peers.Name))
        {
            context.Diagnostics.Alert(peers.Place,
                $"{proxy.Title}: 'stick-table' names the peers '{peers.Name}', but there is no such section; remove 'peers {peers.Name}', the cluster replicates every table");
        }
        foreach (StickRuleModel rule in proxy.StickRules)
        {
            if (!tables.Contains(rule.Table))
            {
                string remedy = rule.Table == proxy.Name
                    ? "add for example: stick-table type ip size 20k expire 15m" : "name a backend that has a 'stick-table'";
                context.Diagnostics.Alert(rule.Place,
                    $"{proxy.Title}: 'stick' uses the table '{rule.Table}', but there is none of that name; {remedy}");
            }
        }
    }
}
