using System;
using System.Collections.Generic;
using System.Linq;
using ExchangeLb.Config.Keywords;
using static ExchangeLb.Config.Keywords.Support;

namespace ExchangeLb.Config.Binds;

/// <summary>The options of `bind` (configuration.txt, 5.1).</summary>
internal static class BindKeywords
{
    private const string NoTls = "TLS is passed through to the servers, not terminated: remove the TLS options";

    public static KeywordTable<BindDraft> Table { get; } = new(Supported(), Others());

    private static Keyword<BindDraft>[] Supported() =>
    [
        Option("backlog", 1, "length of the accept queue", (draft, line) => draft.Backlog = Integer(line, 0)) with { Syntax = "<n>" },
        Option("id", 1, "listener id shown by the statistics", (draft, line) => draft.Id = Integer(line, 1)) with { Syntax = "<n>" },
        Option("interface", 1, "listen on one network interface only", (draft, line) => draft.Interface = line.Take())
            with { Syntax = "<name>" },
        Option("maxconn", 1, "concurrent connections to this address", (draft, line) => draft.MaxConn = Integer(line, 0))
            with { Syntax = "<n>" },
        Option("name", 1, "name shown by the statistics", (draft, line) => draft.Name = line.TakeName()) with { Syntax = "<name>" },
        Option("transparent", 0, "may listen on an address that the host does not own", (draft, _) => draft.Transparent = true),
        Option("v4v6", 0, "an IPv6 address takes IPv4 too", (draft, _) => (draft.DualStack, draft.V6Only) = (true, false)),
        Option("v6only", 0, "an IPv6 address takes IPv6 only", (draft, _) => (draft.DualStack, draft.V6Only) = (false, true)),
    ];

    private static IEnumerable<Keyword<BindDraft>> Others() =>
    [
        .. Rows(NoEffect, 0, "connections are accepted as soon as they are established", "defer-accept"),
        .. Rows(NoEffect, 0, "TCP fast open is not used", "tfo"),
        .. Rows(NoEffect, 1, "every loop thread accepts on every address", "nice", "shards", "thread"),
        .. Rows(NoEffect, 1, "every loop thread accepts on every address: remove it",
            "process").Select(row => row with { Deprecated = true }),
        .. Rows(NoEffect, 1, "it is about sockets in the file system", "gid", "group", "level", "mode", "severity-output", "uid", "user"),
        .. Rows(NoEffect, 1, "listening sockets are handed over without it", "expose-fd"),
        .. Rows(Refused, 0, "clients must come without a PROXY header: remove it", "accept-proxy"),
        .. Rows(Refused, 1, "remove it", "accept-netscaler-cip", "mss", "namespace", "tcp-ut"),
        .. Rows(Refused, 1, "the only protocol is plain TCP: remove it", "proto"),
        .. Rows(Refused, 0, NoTls, "allow-0rtt", "force-sslv3", "force-tlsv10", "force-tlsv11", "force-tlsv12", "force-tlsv13",
            "generate-certificates", "no-ca-names", "no-sslv3", "no-tls-tickets", "no-tlsv10", "no-tlsv11", "no-tlsv12", "no-tlsv13",
            "prefer-client-ciphers", "ssl", "strict-sni"),
        .. Rows(Refused, 1, NoTls, "alpn", "ca-file", "ca-ignore-err", "ca-sign-file", "ca-sign-pass", "ca-verify-file", "ciphers",
            "ciphersuites", "crl-file", "crt", "crt-ignore-err", "crt-list", "curves", "ecdhe", "npn", "ssl-max-ver", "ssl-min-ver",
            "tls-ticket-keys", "verify"),
        .. Rows(Refused, 1, "QUIC is not spoken: remove it", "quic-cc-algo", "quic-force-retry"),
    ];

    private static Keyword<BindDraft> Option(string name, int arguments, string description, Action<BindDraft, Arguments> parse) =>
        new(name, SectionKinds.FrontSide, Run, description, parse) { MinArguments = arguments, MaxArguments = arguments };

    private static IEnumerable<Keyword<BindDraft>> Rows(Support support, int arguments, string reason, params string[] names) =>
        names.Select(name => new Keyword<BindDraft>(name, SectionKinds.FrontSide, support, reason, null) { MinArguments = arguments });

    private static int Integer(Arguments line, int low) => line.TryInteger(low, int.MaxValue, out int value) ? value : 0;
}
