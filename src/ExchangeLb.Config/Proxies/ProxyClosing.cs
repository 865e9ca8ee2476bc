using System.Collections.Generic;
using System.Linq;
using ExchangeLb.Config.Keywords;
using ExchangeLb.Config.Sections;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Config.Proxies;

/// <summary>What can be told of a section once all its lines are read.</summary>
internal static class ProxyClosing
{
    /// <summary>HTTP words for which HAProxy 2.6 warns in every TCP section that inherits them, not only where they are written.</summary>
    private static readonly string[] WarnedWhenInherited =
    [
        "cookie", "monitor-uri", "option accept-invalid-http-request", "option accept-invalid-http-response", "option checkcache",
        "option disable-h2-upgrade", "option forwardfor", "option http-buffer-request", "option http-ignore-probes",
        "option http-no-delay", "option http-pretend-keepalive", "option http-use-proxy-header", "option httpslog",
        "option idle-close-on-response", "option originalto", "option prefer-last-server",
    ];

    public static void Close(ProxyDraft proxy, ReadingContext context)
    {
        if (proxy.Kind == SectionKinds.Defaults)
        {
            proxy.Settings.InheritedHttpWords =
                [.. proxy.Settings.InheritedHttpWords.Concat(proxy.HttpWords)
                    .Where(item => WarnedWhenInherited.Contains(item.Word)).DistinctBy(item => item.Word)];
        }
        if (proxy.Settings.Mode == ProxyMode.Http)
        {
            NoteUselessHttp(proxy, context);
        }
        else if (proxy.Kind != SectionKinds.Defaults)
        {
            WarnOfHttp(proxy, context);
        }
    }

    private static void WarnOfHttp(ProxyDraft proxy, ReadingContext context)
    {
        foreach (HttpWord item in proxy.HttpWords)
        {
            context.Diagnostics.Warning(item.Place, $"{proxy.Title}: '{item.Word}' is ignored, since it needs 'mode http'; remove it");
        }
        IEnumerable<string> inherited = proxy.Settings.InheritedHttpWords.Where(item => (item.Kinds & proxy.Kind) != 0)
            .Select(item => item.Word);
        foreach (string word in inherited.Except(proxy.HttpWords.Select(item => item.Word)))
        {
            context.Diagnostics.Warning(proxy.Place,
                $"{proxy.Title}: '{word}' of its defaults section is ignored, since it needs 'mode http'; remove it there");
        }
        if (proxy.Settings.HttpLog is { } httpLog && proxy.HasFrontend)
        {
            context.Diagnostics.Warning(httpLog,
                $"{proxy.Title}: 'option httplog' needs 'mode http', so lines are written as by 'option tcplog'; write 'option tcplog'");
        }
        if (proxy.Settings.Stats is not null)
        {
            context.Diagnostics.Warning(proxy.Place,
                $"{proxy.Title}: 'stats' is ignored, since it needs 'mode http'; give the stats page a section of its own");
        }
    }

    /// <summary>One line about all such words, since a distribution's file has many of them.</summary>
    private static void NoteUselessHttp(ProxyDraft proxy, ReadingContext context)
    {
        if (proxy.HttpWords.Count > 0)
        {
            string words = string.Join(", ", proxy.HttpWords.Select(item => $"'{item.Word}'").Distinct());
            context.Diagnostics.Notice(proxy.HttpWords[0].Place,
                $"{proxy.Title}: without effect, since HTTP is spoken for the stats page only: {words}; they may be removed");
        }
    }
}
