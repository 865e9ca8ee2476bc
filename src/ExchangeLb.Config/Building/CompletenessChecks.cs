using System.Collections.Generic;
using System.Linq;
using System.Net;
using ExchangeLb.Config.Proxies;
using ExchangeLb.Config.Sections;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Config.Building;

/// <summary>What is missing in a section that is otherwise right: timeouts, addresses, ports, log targets. HAProxy's verdicts.</summary>
internal static class CompletenessChecks
{
    private const int HttpsPort = 443;

    public static void Run(ReadingContext context)
    {
        foreach (ProxyDraft proxy in context.Proxies.Where(proxy => !proxy.Settings.Disabled))
        {
            CheckTimeouts(context, proxy);
            CheckServers(context, proxy);
            if (proxy.HasFrontend)
            {
                CheckFrontend(context, proxy);
            }
        }
    }

    private static void CheckTimeouts(ReadingContext context, ProxyDraft proxy)
    {
        List<string> missing = [.. MissingTimeouts(proxy)];
        if (missing.Count > 0)
        {
            string names = string.Join(", ", missing.Select(name => $"'timeout {name}'"));
            context.Diagnostics.Warning(proxy.Place,
                $"{proxy.Title}: {names} missing, so dead connections may stay for ever; set them here or in 'defaults'");
        }
    }

    private static IEnumerable<string> MissingTimeouts(ProxyDraft proxy)
    {
        ProxySettings settings = proxy.Settings;
        if (proxy.HasFrontend && settings.ClientTimeout is null)
        {
            yield return "client";
        }
        if (proxy.Servers.Count > 0 && settings.ConnectTimeout is null)
        {
            yield return "connect";
        }
        if (proxy.Servers.Count > 0 && settings.ServerTimeout is null && settings.TunnelTimeout is null)
        {
            yield return "server";
        }
    }

    private static void CheckServers(ReadingContext context, ProxyDraft proxy)
    {
        foreach (ServerModel server in proxy.Servers.Where(server => server is { Check: true, PortIsOffset: true, CheckPort: 0 }))
        {
            context.Diagnostics.Alert(server.Place,
                $"{proxy.Title}: 'server {server.Name}' is to be checked but has no port of its own; write 'port <n>' behind 'check'");
        }
        foreach (ServerModel server in proxy.Servers.Where(server => server.Check && proxy.Settings.Check is HttpCheckModel && CheckedPort(server) == HttpsPort))
        {
            context.Diagnostics.Warning(server.Place,
                $"{proxy.Title}: 'server {server.Name}' is asked in plain HTTP by 'option httpchk', which port {HttpsPort} does not answer, so it will be down; write 'option ssl-hello-chk'");
        }
    }

    private static int CheckedPort(ServerModel server) => server.CheckPort > 0 ? server.CheckPort : server.PortIsOffset ? 0 : server.Port;

    private static void CheckFrontend(ReadingContext context, ProxyDraft proxy)
    {
        ProxySettings settings = proxy.Settings;
        if (proxy.Binds.Count == 0)
        {
            context.Diagnostics.Warning(proxy.Place,
                $"{proxy.Title}: has no 'bind' line, so nobody can reach it; add one, or make it a backend");
        }
        if (proxy.Servers.Count > 0 && settings.DefaultBackend is not null)
        {
            context.Diagnostics.Warning(settings.DefaultBackendPlace,
                $"{proxy.Title}: 'default_backend' takes everything, so the servers here are never used; remove either");
        }
        if (settings.TcpLog && settings.LogTargets.IsEmpty && !(settings.LogGlobal && context.Global.LogTargets.Count > 0))
        {
            context.Diagnostics.Warning(proxy.Place,
                $"{proxy.Title}: 'option tcplog' has nowhere to log to; add a 'log' line, to the global section if 'log global' is meant");
        }
        if (settings is { Mode: ProxyMode.Http, Stats.Users.IsEmpty: true }
            && proxy.Binds.Any(bind => bind.Address is { } address && !IPAddress.IsLoopback(address.Address)))
        {
            context.Diagnostics.Notice(proxy.Place,
                $"{proxy.Title}: the stats page is open to everyone who reaches its address; 'stats auth <user>:<password>' would ask for a password");
        }
    }
}
