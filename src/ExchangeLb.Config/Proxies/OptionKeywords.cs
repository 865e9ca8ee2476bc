using System;
using System.Collections.Generic;
using ExchangeLb.Config.Keywords;
using ExchangeLb.Core.Model;
using static ExchangeLb.Config.Keywords.SectionKinds;
using static ExchangeLb.Config.Proxies.ProxyRow;

namespace ExchangeLb.Config.Proxies;

/// <summary>`option …` (configuration.txt, 4.2).</summary>
internal static class OptionKeywords
{
    private const SectionKinds Front = Defaults | FrontSide;
    private const SectionKinds Back = Defaults | BackSide;
    private const string PortOnly = "write 'option tcp-check', which asks whether the port answers";

    public static IEnumerable<Keyword<ProxyDraft>> Rows() =>
    [
        Switch("abortonclose", Back, "a waiting session whose client has closed is given up", (s, on) => s.AbortOnClose = on),
        Switch("allbackups", Back, "all backup servers share the load", (s, on) => s.AllBackups = on),
        Switch("clitcpka", Front, "TCP keep-alive towards clients", (s, on) => s.ClientKeepAlive = on),
        Switch("dontlog-normal", Front, "sessions that ended well are not logged", (s, on) => s.DontLogNormal = on),
        Switch("dontlognull", Front, "connections without data are not logged", (s, on) => s.DontLogNull = on),
        Switch("log-health-checks", Back, "each change of a check's result is logged", (s, on) => s.LogHealthChecks = on),
        Switch("log-separate-errors", Front, "sessions that ended badly are logged at level err", (s, on) => s.LogSeparateErrors = on),
        Switch("logasap", Front, "logged when the server is connected, not at the end", (s, on) => s.LogAsap = on),
        Switch("persist", Back, "a stuck client is sent to its server even when that is down", (s, on) => s.Persist = on),
        Switch("srvtcpka", Back, "TCP keep-alive towards servers", (s, on) => s.ServerKeepAlive = on),
        Run("option httpchk", Back, "[<method>] [<uri>] [<version>]", "check by an HTTP request", HttpCheck),
        Run("option redispatch", Back, "[<n>]", "a session may change the server after the n-th retry", Redispatch)
            with { Negatable = true },
        Run("option ssl-hello-chk", Back, "[legacy]", "check by a TLS hello; `legacy`: HAProxy's SSLv3 one", SslHelloCheck),
        Run("option tcp-check", Back, "", "check by a TCP connection", (proxy, _) => proxy.Settings.Check = new TcpConnectCheckModel()),
        Run("option tcpka", Anywhere, "", "TCP keep-alive on both sides", KeepAlive),
        Run("option tcplog", Anywhere, "", "one line a session with times, bytes and termination code", TcpLog),
        Run("option httplog", Front, "[clf]", "HTTP only; falls back to tcplog", HttpLog),
        .. HttpOnly(Front, "option accept-invalid-http-request", "option disable-h2-upgrade", "option h1-case-adjust-bogus-client",
            "option http-ignore-probes", "option http-use-proxy-header", "option httpslog", "option idle-close-on-response"),
        .. HttpOnly(Back, "option accept-invalid-http-response", "option checkcache", "option h1-case-adjust-bogus-server",
            "option http-pretend-keepalive", "option prefer-last-server"),
        .. HttpOnly(Anywhere, "option forwardfor", "option http-buffer-request", "option http-keep-alive", "option http-no-delay",
            "option http-restrict-req-hdr-names", "option http-server-close", "option httpclose", "option originalto"),
        .. NoEffect(Front, "counters are exact at any time", "option contstats"),
        .. NoEffect(Front, "connections are accepted as soon as they are established", "option tcp-smart-accept"),
        .. NoEffect(Back, "data is sent as soon as it has come", "option tcp-smart-connect"),
        .. NoEffect(Anywhere, "splicing is used where it pays", "option splice-auto", "option splice-request", "option splice-response"),
        .. NoEffect(Front, "the statistics show the addresses of every section", "option socket-stats"),
        .. Refused(Anywhere, "both directions renew the timeouts: remove it", "option independent-streams"),
        .. Refused(Anywhere, "connections are closed in order: remove it", "option nolinger"),
        .. Refused(Back, PortOnly, "option ldap-check", "option mysql-check", "option pgsql-check", "option redis-check",
            "option smtpchk", "option spop-check"),
        .. Refused(Back, "write 'option ssl-hello-chk', 'option httpchk' or 'option tcp-check'", "option external-check"),
        .. Refused(Back, "write the servers' addresses", "option transparent"),
        .. Removed("write 'option httpclose' in its place, or remove it", "option forceclose", "option http-tunnel"),
        .. Removed("remove it", "option http_proxy"),
    ];

    private static void HttpCheck(ProxyDraft proxy, Arguments line)
    {
        string first = line.Take();
        // One argument is the URI, two are method and URI.
        bool uriOnly = first.Length > 0 && !line.HasMore;
        string method = uriOnly || first.Length == 0 ? "OPTIONS" : first;
        string uri = uriOnly ? first : line.Take();
        string version = line.Take();
        if (version.AsSpan().IndexOfAny('\r', '\n') >= 0)
        {
            line.Warning("hides headers behind its version, which is deprecated in HAProxy",
                "it is run as written; a server that needs none answers without");
        }
        proxy.Settings.Check = new HttpCheckModel(method, uri.Length == 0 ? "/" : uri, version.Length == 0 ? "HTTP/1.0" : version);
    }

    private static void SslHelloCheck(ProxyDraft proxy, Arguments line)
    {
        bool legacy = line.TakeIf("legacy");
        if (line.ExpectEnd())
        {
            proxy.Settings.Check = new SslHelloCheckModel(legacy);
        }
    }

    private static void Redispatch(ProxyDraft proxy, Arguments line)
    {
        int interval = -1;
        if (line.Negated)
        {
            proxy.Settings.RedispatchInterval = 0;
        }
        else if (!line.HasMore || (line.TryInteger(int.MinValue, int.MaxValue, out interval) && line.ExpectEnd()))
        {
            if (interval == 0)
            {
                line.Alert("can't be 0", "write 1 for every retry, -1 for the last one");
            }
            proxy.Settings.RedispatchInterval = interval;
        }
    }

    private static void KeepAlive(ProxyDraft proxy, Arguments line)
    {
        proxy.Settings.ClientKeepAlive |= proxy.Kind != Backend;
        proxy.Settings.ServerKeepAlive |= proxy.Kind != Frontend;
    }

    private static void TcpLog(ProxyDraft proxy, Arguments line)
    {
        if (proxy.Kind == Backend)
        {
            line.Warning("is ignored in a backend", "write it in the frontend");
        }
        (proxy.Settings.TcpLog, proxy.Settings.HttpLog) = (true, null);
    }

    private static void HttpLog(ProxyDraft proxy, Arguments line) => (proxy.Settings.TcpLog, proxy.Settings.HttpLog) = (true, line.Place);
}
