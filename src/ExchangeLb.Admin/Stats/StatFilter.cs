using System;
using System.Collections.Immutable;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Runtime;

namespace ExchangeLb.Admin.Stats;

/// <summary>Bits of the type argument of `show stat` (management.txt, 9.3); -1 asks for all.</summary>
[Flags]
internal enum StatRows
{
    Frontends = 1,
    Backends = 2,
    Servers = 4,
    All = -1,
}

/// <summary>Which rows are wanted.</summary>
internal sealed record StatFilter
{
    public static StatFilter All { get; } = new();

    /// <summary>`iid`; null: all proxies.</summary>
    public int? ProxyId { get; init; }

    /// <summary>A proxy's name in place of its number; null: all.</summary>
    public string? ProxyName { get; init; }
    public StatRows Rows { get; init; } = StatRows.All;

    /// <summary>`sid`; null: all servers.</summary>
    public int? ServerId { get; init; }

    /// <summary>`no-maint`: servers in maintenance are left out.</summary>
    public bool HideMaintenance { get; init; }

    /// <summary>`up`: servers that are down or in maintenance are left out.</summary>
    public bool OnlyUp { get; init; }

    /// <summary>`stats scope`; empty: all proxies.</summary>
    public ImmutableArray<string> Scope { get; init; } = [];

    public bool Shows(ProxyModel proxy) =>
        (ProxyId is null || proxy.Id == ProxyId)
        && (ProxyName is null || proxy.Name == ProxyName)
        && (Scope.IsEmpty || Scope.Contains(proxy.Name));

    public bool Shows(StatRows kind) => (Rows & kind) != 0;

    public bool Shows(ServerSnapshot server) =>
        (ServerId is null || server.Model.Id == ServerId)
        && !((HideMaintenance || OnlyUp) && server.Admin == ServerAdminState.Maintenance)
        && !(OnlyUp && server.Health == ServerHealth.Down);
}
