using System.Collections.Generic;
using System.Linq;
using ExchangeLb.Config.Keywords;
using static ExchangeLb.Config.Keywords.Support;

namespace ExchangeLb.Config.Servers;

/// <summary>Options of `server` that HAProxy 2.6 knows and we don't run.</summary>
internal static class RefusedServerKeywords
{
    private const string NoTls = "TLS is passed through, not begun by the balancer: remove the TLS options";

    public static IEnumerable<Keyword<ServerSettings>> Rows() =>
    [
        .. Rows(NoEffect, 0, "it is so without it", "no-agent-check", "no-check-send-proxy", "no-check-ssl", "no-send-proxy",
            "no-send-proxy-v2", "no-send-proxy-v2-ssl", "no-send-proxy-v2-ssl-cn", "no-ssl", "no-ssl-reuse", "no-sslv3", "no-tfo",
            "no-tls-tickets", "no-tlsv10", "no-tlsv11", "no-tlsv12", "no-tlsv13"),
        .. Rows(NoEffect, 0, "TCP fast open is not used", "tfo"),
        .. Rows(NoEffect, 1, "it only matters with 'observe'", "error-limit", "on-error"),
        .. Rows(HttpOnly, 1, "HTTP only", "cookie", "redir"),
        .. Rows(NoEffect, 1, "only HTTP connections are kept in pools", "max-reuse", "pool-low-conn", "pool-max-conn", "pool-purge-delay",
            "ws"),
        .. Rows(Refused, 0, "checks are made by the balancer itself: remove it", "agent-check"),
        .. Rows(Refused, 1, "checks are made by the balancer itself: remove it", "agent-addr", "agent-inter", "agent-port", "agent-send"),
        .. Rows(Refused, 0, "servers get no PROXY header: remove it", "check-send-proxy", "send-proxy", "send-proxy-v2",
            "send-proxy-v2-ssl", "send-proxy-v2-ssl-cn"),
        .. Rows(Refused, 1, "servers get no PROXY header: remove it", "proxy-v2-options"),
        .. Rows(Refused, 0, "servers are reached directly: remove it", "check-via-socks4"),
        .. Rows(Refused, 1, "servers are reached directly: remove it", "socks4", "namespace", "tcp-ut"),
        .. Rows(Refused, 0, "checks open no TLS: remove it, and write 'option ssl-hello-chk' in place of 'option httpchk'", "check-ssl"),
        .. Rows(Refused, 0, NoTls, "allow-0rtt", "force-sslv3", "force-tlsv10", "force-tlsv11", "force-tlsv12",
            "force-tlsv13", "ssl", "ssl-reuse", "tls-tickets"),
        .. Rows(Refused, 1, NoTls, "alpn", "ca-file", "check-alpn", "check-sni", "ciphers", "ciphersuites", "crl-file", "crt", "npn",
            "sni", "ssl-max-ver", "ssl-min-ver", "verify", "verifyhost"),
        .. Rows(Refused, 1, "the only protocol is plain TCP: remove it", "check-proto", "log-proto", "proto"),
        .. Rows(Refused, 1, "write 'maxconn' alone", "minconn"),
        .. Rows(Refused, 1, "write 'check' on this server too", "track"),
        .. Rows(Refused, 1, "write 'check' and a short 'inter'", "observe"),
        .. Rows(Refused, 1, "a name is resolved once, at the start: remove it", "init-addr", "resolve-net", "resolve-opts",
            "resolve-prefer", "resolvers"),
        .. Rows(Refused, 1, "a server that comes back takes its full share at once: remove it", "slowstart"),
        .. Rows(Refused, 0, "put the server into a backend without stick rules", "non-stick"),
        .. Rows(Refused, 1, "connections leave with the balancer's own address: remove it", "usesrc"),
    ];

    private static IEnumerable<Keyword<ServerSettings>> Rows(Support support, int arguments, string reason, params string[] names) =>
        names.Select(name => new Keyword<ServerSettings>(name, SectionKinds.BackSide | SectionKinds.Defaults, support, reason, null)
        {
            MinArguments = arguments,
        });
}
