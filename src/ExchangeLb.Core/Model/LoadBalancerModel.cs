using System.Collections.Immutable;

namespace ExchangeLb.Core.Model;

/// <summary>
/// One whole configuration, immutable. A reload makes a new one; a session ends with the one it began with.
/// Proxies stand in the order of the file.
/// </summary>
public sealed record LoadBalancerModel(GlobalModel Global, ImmutableArray<ProxyModel> Proxies)
{
    /// <summary>The backend (or the backend half of a listen section) called <paramref name="name"/>, or null.</summary>
    public BackendModel? FindBackend(string name)
    {
        foreach (ProxyModel proxy in Proxies)
        {
            if (proxy.Backend is { } backend && backend.Name == name)
            {
                return backend;
            }
        }
        return null;
    }
}

/// <summary>Which keyword opened the section.</summary>
public enum ProxyKind
{
    Listen,
    Frontend,
    Backend,
}

/// <summary>`mode` of a proxy (configuration.txt, 4.2). Http is run only for sections that serve the stats page.</summary>
public enum ProxyMode
{
    Tcp,
    Http,
}

/// <summary>
/// One `listen`, `frontend` or `backend` section. A `listen` has both halves, under one name.
/// <see cref="Id"/> is HAProxy's proxy id (`iid` in the CSV): 1 and up, in the order of the file, `id` overrides.
/// </summary>
public sealed record ProxyModel(
    int Id, string Name, ProxyKind Kind, FrontendModel? Frontend, BackendModel? Backend, SourcePlace Place)
{
    public ProxyMode Mode { get; init; } = ProxyMode.Tcp;

    /// <summary>`description`; shown on the stats page.</summary>
    public string? Description { get; init; }

    /// <summary>The sections that serve the stats page have one.</summary>
    public StatsPageModel? Stats { get; init; }
}
