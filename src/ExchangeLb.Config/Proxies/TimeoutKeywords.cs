using System;
using ExchangeLb.Config.Keywords;
using static ExchangeLb.Config.Keywords.SectionKinds;

namespace ExchangeLb.Config.Proxies;

/// <summary>`timeout …` (configuration.txt, 4.2). 0 is no limit, as not to write it.</summary>
internal static class TimeoutKeywords
{
    public static Keyword<ProxyDraft>[] Rows() =>
    [
        Timeout("check", Defaults | BackSide, "longest wait for a check's answer", s => s.CheckTimeout, (s, time) => s.CheckTimeout = time),
        Timeout("client", Defaults | FrontSide, "longest silence of the client", s => s.ClientTimeout, (s, time) => s.ClientTimeout = time),
        Timeout("client-fin", Defaults | FrontSide, "the same once half closed", s => s.ClientFinTimeout,
            (s, time) => s.ClientFinTimeout = time),
        Timeout("connect", Defaults | BackSide, "longest connection attempt to a server", s => s.ConnectTimeout,
            (s, time) => s.ConnectTimeout = time),
        Timeout("http-keep-alive", Anywhere, "stats page: longest wait for the next request", s => s.HttpKeepAliveTimeout,
            (s, time) => s.HttpKeepAliveTimeout = time),
        Timeout("http-request", Anywhere, "stats page: longest wait for a whole request", s => s.HttpRequestTimeout,
            (s, time) => s.HttpRequestTimeout = time),
        Timeout("queue", Defaults | BackSide, "longest wait for a free server", s => s.QueueTimeout, (s, time) => s.QueueTimeout = time),
        Timeout("server", Defaults | BackSide, "longest silence of the server", s => s.ServerTimeout, (s, time) => s.ServerTimeout = time),
        Timeout("server-fin", Defaults | BackSide, "the same once half closed", s => s.ServerFinTimeout,
            (s, time) => s.ServerFinTimeout = time),
        Timeout("tarpit", Anywhere, "accepted; only HTTP rules would use it", s => s.TarpitTimeout, (s, time) => s.TarpitTimeout = time),
        Timeout("tunnel", Defaults | BackSide, "replaces client and server timeout once connected", s => s.TunnelTimeout,
            (s, time) => s.TunnelTimeout = time),
        Removed("clitimeout", "write 'timeout client'"),
        Removed("contimeout", "write 'timeout connect'"),
        Removed("srvtimeout", "write 'timeout server'"),
    ];

    private static Keyword<ProxyDraft> Timeout(
        string name, SectionKinds kinds, string description, Func<ProxySettings, TimeSpan?> get, Action<ProxySettings, TimeSpan?> set) =>
        ProxyRow.Run($"timeout {name}", kinds, "<time>", description, (proxy, line) =>
        {
            if (!line.TryTime(out TimeSpan time))
            {
                return;
            }
            if (get(proxy.Settings) != get(proxy.Inherited))
            {
                line.Warning("was already given in this section", "remove one; the last one counts");
            }
            set(proxy.Settings, time == TimeSpan.Zero ? null : time);
        });

    private static Keyword<ProxyDraft> Removed(string name, string remedy) => new(name, Anywhere, Support.Removed, remedy, null);
}
