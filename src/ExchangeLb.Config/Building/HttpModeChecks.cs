using System.Linq;
using ExchangeLb.Config.Proxies;
using ExchangeLb.Config.Sections;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Config.Building;

/// <summary>HTTP is spoken for the stats page only: a section with `mode http` that does anything else is refused by name.</summary>
internal static class HttpModeChecks
{
    public static void Run(ReadingContext context)
    {
        foreach (ProxyDraft proxy in context.Proxies.Where(proxy => proxy.Settings is { Mode: ProxyMode.Http, Disabled: false }))
        {
            if (Problem(proxy) is { } problem)
            {
                context.Diagnostics.Alert(proxy.Place,
                    $"{proxy.Title}: 'mode http' {problem} is known, but not supported; write 'mode tcp', which passes HTTP and TLS through");
            }
        }
    }

    /// <summary>Null: it only serves the page.</summary>
    private static string? Problem(ProxyDraft proxy) =>
        !proxy.HasFrontend ? "in a backend"
        : proxy.Servers.Count > 0 ? "with servers"
        : proxy.Settings.DefaultBackend is not null || proxy.UseBackends.Count > 0 ? "with backends"
        : proxy.Settings.Stats is null ? "without 'stats enable'"
        : null;
}
