using System.Collections.Immutable;
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
        "cookie", "monitor-uri", "option forwardfor", "option http-buffer-request", "option httpslog", "option originalto", "unique-id-format", "unique-id-header",
    ];

    public static void Close(ProxyDraft proxy, ReadingContext context)
    {
        if (proxy.Settings.Mode == ProxyMode.Tcp && proxy.Kind != SectionKinds.Defaults)
        {
            WarnOfHttp(proxy, context);
        }
        else if (proxy.Settings.Mode == ProxyMode.Tcp)
        {
            // Rules in defaults without 'mode http' may still be meant for HTTP sections that follow.
            proxy.Settings.InheritedHttpWords = Inheritable(proxy);
        }
        else
        {
            proxy.Settings.InheritedHttpWords = Inheritable(proxy);
            NoteUselessHttp(proxy, context);
        }
    }

    private static ImmutableArray<string> Inheritable(ProxyDraft proxy) =>
        [.. proxy.Settings.InheritedHttpWords.Concat(proxy.HttpWords.Select(item => item.Word)).Where(WarnedWhenInherited.Contains).Distinct()];

    private static void WarnOfHttp(ProxyDraft proxy, ReadingContext context)
    {
        foreach ((string word, SourcePlace place) in proxy.HttpWords)
        {
            context.Diagnostics.Warning(place, $"{proxy.Title}: '{word}' is ignored, since it needs 'mode http'; remove it");
        }
        foreach (string word in proxy.Settings.InheritedHttpWords.Where(word => proxy.HttpWords.All(item => item.Word != word)))
        {
            context.Diagnostics.Warning(proxy.Place, $"{proxy.Title}: '{word}' of its defaults section is ignored, since it needs 'mode http'; write it where HTTP is spoken");
        }
        if (proxy.Settings.HttpLog is { } httpLog && proxy.HasFrontend)
        {
            context.Diagnostics.Warning(httpLog, $"{proxy.Title}: 'option httplog' needs 'mode http', so lines are written as by 'option tcplog'; write 'option tcplog'");
        }
        if (proxy.Settings.Stats is not null)
        {
            context.Diagnostics.Warning(proxy.Place, $"{proxy.Title}: 'stats' is ignored, since it needs 'mode http'; give the stats page a section of its own");
        }
    }

    /// <summary>One line about all such words, since a distribution's file has many of them.</summary>
    private static void NoteUselessHttp(ProxyDraft proxy, ReadingContext context)
    {
        if (proxy.HttpWords.Count > 0)
        {
            string words = string.Join(", ", proxy.HttpWords.Select(item => $"'{item.Word}'").Distinct());
            context.Diagnostics.Notice(proxy.HttpWords[0].Place, $"{proxy.Title}: {words} change nothing here, since HTTP is spoken for the stats page only; they may be removed");
        }
    }
}
