using System;
using System.Collections.Immutable;

namespace ExchangeLb.Core.Model;

/// <summary>The `stats …` lines of a section (configuration.txt, 4.2 `stats`).</summary>
public sealed record StatsPageModel
{
    /// <summary>`stats uri`: prefix of the request's path.</summary>
    public string Uri { get; init; } = "/haproxy?stats";

    /// <summary>`stats hide-version`.</summary>
    public bool HideVersion { get; init; }

    /// <summary>`stats refresh`; null: no automatic refresh.</summary>
    public TimeSpan? Refresh { get; init; }

    /// <summary>`stats realm`; null: HAProxy's "HAProxy Statistics".</summary>
    public string? Realm { get; init; }

    /// <summary>`stats auth USER:PASSWORD`; empty: open to all.</summary>
    public ImmutableArray<(string User, string Password)> Users { get; init; } = [];

    /// <summary>`stats show-legends`.</summary>
    public bool ShowLegends { get; init; }

    /// <summary>`stats show-node`: the name shown; null: none.</summary>
    public string? ShowNode { get; init; }

    /// <summary>`stats show-desc`: the text shown; null: none.</summary>
    public string? ShowDescription { get; init; }

    /// <summary>`stats scope`: names of the proxies shown, `.` being the section itself; empty: all.</summary>
    public ImmutableArray<string> Scopes { get; init; } = [];

    /// <summary>`timeout http-request`: longest wait for a whole request; null: the client timeout.</summary>
    public TimeSpan? RequestTimeout { get; init; }

    /// <summary>`timeout http-keep-alive`: longest wait for the next request; null: the request timeout.</summary>
    public TimeSpan? KeepAliveTimeout { get; init; }
}
