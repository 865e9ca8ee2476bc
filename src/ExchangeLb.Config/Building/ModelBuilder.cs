using System.Collections.Immutable;
using System.Linq;
using ExchangeLb.Config.Proxies;
using ExchangeLb.Config.Sections;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Config.Building;

/// <summary>Drafts -> model, after the checks that need the whole configuration.</summary>
internal static class ModelBuilder
{
    /// <summary>Null when there were alerts.</summary>
    public static LoadBalancerModel? Build(ReadingContext context)
    {
        AssignedIds ids = AssignedIds.Of(context.Proxies, context.Global.StatsSockets.Count > 0 ? 2 : 1, context.Diagnostics);
        NameChecks.Run(context);
        ReferenceChecks.Run(context);
        HttpModeChecks.Run(context);
        if (!context.Diagnostics.HasAlerts)
        {
            CompletenessChecks.Run(context);
        }
        if (context.Diagnostics.HasAlerts)
        {
            return null;
        }
        GlobalModel global = context.Global.Model with
        {
            LogTargets = [.. context.Global.LogTargets],
            StatsSockets = [.. context.Global.StatsSockets],
        };
        return new(global, [.. context.Proxies.Select(proxy => Build(proxy, ids.Of(proxy), global))]);
    }

    private static ProxyModel Build(ProxyDraft proxy, int id, GlobalModel global)
    {
        ProxySettings settings = proxy.Settings;
        ImmutableArray<LogTargetModel> logs = settings.LogGlobal ? [.. global.LogTargets, .. settings.LogTargets] : settings.LogTargets;
        return new(id, proxy.Name, KindOf(proxy),
            proxy.HasFrontend ? BuildFrontend(proxy, id, logs) : null,
            proxy.HasBackend ? BuildBackend(proxy, id, logs) : null,
            proxy.Place)
        {
            Mode = settings.Mode,
            Description = proxy.Description,
            Stats = settings.Mode == ProxyMode.Http && settings.Stats is { } stats
                ? stats with { RequestTimeout = settings.HttpRequestTimeout, KeepAliveTimeout = settings.HttpKeepAliveTimeout } : null,
        };
    }

    private static ProxyKind KindOf(ProxyDraft proxy) =>
        !proxy.HasBackend ? ProxyKind.Frontend : proxy.HasFrontend ? ProxyKind.Listen : ProxyKind.Backend;

    private static FrontendModel BuildFrontend(ProxyDraft proxy, int id, ImmutableArray<LogTargetModel> logs)
    {
        ProxySettings settings = proxy.Settings;
        return new(id, proxy.Name)
        {
            Binds = AssignedIds.Number(proxy.Binds),
            MaxConn = settings.MaxConn,
            Backlog = settings.Backlog,
            ClientTimeout = settings.ClientTimeout,
            ClientFinTimeout = settings.ClientFinTimeout,
            TcpLog = settings.TcpLog,
            DontLogNull = settings.DontLogNull,
            DontLogNormal = settings.DontLogNormal,
            LogSeparateErrors = settings.LogSeparateErrors,
            LogAsap = settings.LogAsap,
            KeepAlive = settings.ClientKeepAlive,
            LogTargets = logs,
            UseBackends = [.. proxy.UseBackends],
            DefaultBackend = settings.DefaultBackend ?? (proxy.HasBackend ? proxy.Name : null),
            Disabled = settings.Disabled,
        };
    }

    private static BackendModel BuildBackend(ProxyDraft proxy, int id, ImmutableArray<LogTargetModel> logs)
    {
        ProxySettings settings = proxy.Settings;
        return new(id, proxy.Name)
        {
            Balance = settings.Balance,
            Servers = [.. AssignedIds.Number(proxy.Servers).Select(server => server with { Source = server.Source ?? settings.Source })],
            ConnectTimeout = settings.ConnectTimeout,
            ServerTimeout = settings.ServerTimeout,
            ServerFinTimeout = settings.ServerFinTimeout,
            TunnelTimeout = settings.TunnelTimeout,
            QueueTimeout = settings.QueueTimeout,
            CheckTimeout = settings.CheckTimeout,
            Retries = settings.Retries,
            RedispatchInterval = settings.RedispatchInterval,
            AllBackups = settings.AllBackups,
            Persist = settings.Persist,
            AbortOnClose = settings.AbortOnClose,
            FullConn = settings.FullConn,
            KeepAlive = settings.ServerKeepAlive,
            LogHealthChecks = settings.LogHealthChecks,
            Check = settings.Check,
            StickTable = proxy.StickTable,
            StickRules = [.. proxy.StickRules],
            LogTargets = logs,
            Disabled = settings.Disabled,
        };
    }
}
