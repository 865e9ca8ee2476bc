using System;
using System.Collections.Generic;
using ExchangeLb.Config.Proxies;
using ExchangeLb.Config.Sections;

namespace ExchangeLb.Config.Building;

/// <summary>A frontend and a backend may share a name; two of a side may not, a listen being both.</summary>
internal static class NameChecks
{
    public static void Run(ReadingContext context)
    {
        Dictionary<string, ProxyDraft> fronts = new(StringComparer.Ordinal);
        Dictionary<string, ProxyDraft> backs = new(StringComparer.Ordinal);
        foreach (ProxyDraft proxy in context.Proxies)
        {
            ProxyDraft? other = proxy.HasFrontend && !fronts.TryAdd(proxy.Name, proxy) ? fronts[proxy.Name] : null;
            other = proxy.HasBackend && !backs.TryAdd(proxy.Name, proxy) ? other ?? backs[proxy.Name] : other;
            if (other is not null)
            {
                context.Diagnostics.Alert(proxy.Place,
                    $"{proxy.Title}: the name is that of {other.Title} in {other.Place} already; choose another");
            }
        }
    }
}
