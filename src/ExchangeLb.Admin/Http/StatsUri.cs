using System;

namespace ExchangeLb.Admin.Http;

/// <summary>What a request's target asks of the stats page. Options follow the page's own prefix, each behind a semicolon, as in HAProxy.</summary>
internal sealed record StatsUri
{
    /// <summary>`;csv`.</summary>
    public bool Csv { get; init; }

    /// <summary>`;json`: known to HAProxy, not served here.</summary>
    public bool Json { get; init; }

    /// <summary>`;norefresh`.</summary>
    public bool NoRefresh { get; init; }

    /// <summary>`;up`: only servers that are up.</summary>
    public bool OnlyUp { get; init; }

    /// <summary>`;no-maint`: without servers in maintenance.</summary>
    public bool HideMaintenance { get; init; }

    /// <summary>The options as a target carries them behind the prefix.</summary>
    public string Options => (Csv ? ";csv" : "") + (OnlyUp ? ";up" : "") + (HideMaintenance ? ";no-maint" : "") + (NoRefresh ? ";norefresh" : "");

    /// <summary>Null when the target is not under <paramref name="prefix"/> (`stats uri`).</summary>
    public static StatsUri? Parse(string target, string prefix)
    {
        string path = OriginForm(target);
        if (!path.StartsWith(prefix, StringComparison.Ordinal))
        {
            return null;
        }
        string options = path[prefix.Length..];
        return new StatsUri
        {
            Csv = Has(options, ";csv"),
            Json = Has(options, ";json"),
            NoRefresh = Has(options, ";norefresh"),
            OnlyUp = Has(options, ";up"),
            HideMaintenance = Has(options, ";no-maint"),
        };
    }

    /// <summary>`http://host/path` -> `/path` (RFC 9112, 3.2.2).</summary>
    private static string OriginForm(string target)
    {
        int scheme = target.IndexOf("://", StringComparison.Ordinal);
        if (target.StartsWith('/') || scheme < 0)
        {
            return target;
        }
        int path = target.IndexOf('/', scheme + 3);
        return path < 0 ? "/" : target[path..];
    }

    private static bool Has(string options, string option) => options.Contains(option, StringComparison.Ordinal);
}
