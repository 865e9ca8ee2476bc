using System.Collections.Generic;
using System.Linq;
using ExchangeLb.Config.Keywords;
using static ExchangeLb.Config.Keywords.SectionKinds;
using static ExchangeLb.Config.Proxies.ProxyRow;

namespace ExchangeLb.Config.Proxies;

/// <summary>Keywords of the proxy sections that HAProxy 2.6 knows (configuration.txt, 4.1) and we don't run.</summary>
internal static class RefusedProxyKeywords
{
    private const SectionKinds Front = Defaults | FrontSide;
    private const SectionKinds Back = Defaults | BackSide;

    public static IEnumerable<Keyword<ProxyDraft>> Rows() =>
    [
        .. HttpOnly(Anywhere, "compression", "errorfile", "errorfiles", "errorloc", "errorloc302", "errorloc303", "http-after-response",
            "http-error", "http-request", "http-response"),
        .. HttpOnly(Front, "monitor-uri"),
        .. HttpOnly(Anywhere, "unique-id-format", "unique-id-header"),
        .. HttpOnly(FrontSide, "capture cookie", "capture request", "capture response"),
        .. HttpOnly(Back, "cookie", "dynamic-cookie-key", "http-reuse", "http-send-name-header", "max-keep-alive-queue"),
        .. HttpOnly(Proxy, "redirect"),
        .. HttpOnly(FrontSide, "declare", "monitor fail"),
        .. HttpOnly(Back, "http-check disable-on-404", "http-check send-state"),
        .. Refused(Back, "write 'option httpchk <method> <uri> <version>'", "http-check comment", "http-check connect",
            "http-check expect", "http-check send", "http-check set-var", "http-check set-var-fmt", "http-check unset-var"),
        .. Refused(Back, "write 'option tcp-check' without rules, or 'option ssl-hello-chk'", "tcp-check comment", "tcp-check connect",
            "tcp-check expect", "tcp-check send", "tcp-check send-binary", "tcp-check send-binary-lf", "tcp-check send-lf",
            "tcp-check set-var", "tcp-check set-var-fmt", "tcp-check unset-var"),
        .. Refused(Front, "filter addresses by nftables, or choose a backend by 'use_backend … if'", "tcp-request connection",
            "tcp-request session"),
        .. Refused(Anywhere, "choose by address with 'use_backend … if', without looking into the data", "tcp-request content",
            "tcp-request inspect-delay"),
        .. Refused(Back, "remove it", "tcp-response content", "tcp-response inspect-delay"),
        .. Refused(Front, "write 'option tcplog'", "error-log-format", "log-format", "log-format-sd"),
        .. Refused(Anywhere, "write 'log-tag' in the global section", "log-tag"),
        .. Refused(Front, "the system's defaults (net.ipv4.tcp_keepalive_*) are used: remove it", "clitcpka-cnt", "clitcpka-idle",
            "clitcpka-intvl"),
        .. Refused(Back, "the system's defaults (net.ipv4.tcp_keepalive_*) are used: remove it", "srvtcpka-cnt", "srvtcpka-idle",
            "srvtcpka-intvl"),
        .. Refused(Front, "limit the rate by nftables, or the number by 'maxconn'", "rate-limit sessions"),
        .. Refused(Front, "remove it", "monitor-net"),
        .. Refused(Anywhere, "watch the log or the statistics: remove it", "email-alert from", "email-alert level", "email-alert mailers",
            "email-alert myhostname", "email-alert to"),
        .. Refused(Back, "write 'option ssl-hello-chk', 'option httpchk' or 'option tcp-check'", "external-check command",
            "external-check path"),
        .. Refused(Back, "a connection is retried when it can't be made: remove it", "retry-on"),
        .. Refused(Back, "stickiness is by 'stick on src'", "persist rdp-cookie"),
        .. Refused(BackSide, "stickiness is by 'stick on src'", "stick store-response"),
        .. Refused(BackSide, "write 'option persist', or remove it", "force-persist", "ignore-persist"),
        .. Refused(BackSide, "write one 'server' line each", "server-template", "dispatch"),
        .. Refused(Back, "write the servers' addresses", "transparent"),
        .. Refused(BackSide, "write 'use_backend … if' to a backend with that server", "use-server"),
        .. Refused(Proxy, "remove it", "filter", "use-fcgi-app"),
        .. Refused(Back, "only 'hash-type map-based' is run: remove it", "hash-balance-factor"),
        .. NoEffect(Anywhere, "every loop thread accepts on every address: remove it",
            "bind-process").Select(row => row with { Deprecated = true }),
        .. NoEffect(Back, "states are not kept in files", "load-server-state-from-file", "server-state-file-name"),
        .. NoEffect(Front, "it is about idle HTTP connections", "max-session-srv-conns"),
        .. Removed("write 'option redispatch'", "redisp", "redispatch"),
        .. Removed("write 'timeout client'", "cliexp"),
        .. Removed("write 'timeout server'", "srvexp"),
        .. Removed("write 'hard-stop-after' in the global section, or remove it", "grace"),
        .. Removed("write 'http-request deny'", "block"),
        .. Removed("stickiness is by 'stick on src'", "appsession"),
        .. Removed("write 'http-request' or 'http-response' rules where HTTP is spoken", "reqadd", "reqallow", "reqdel", "reqdeny",
            "reqiallow", "reqidel", "reqideny", "reqipass", "reqirep", "reqitarpit", "reqpass", "reqrep", "reqtarpit", "rspadd", "rspdel",
            "rspdeny", "rspidel", "rspideny", "rspirep", "rsprep"),
    ];
}
