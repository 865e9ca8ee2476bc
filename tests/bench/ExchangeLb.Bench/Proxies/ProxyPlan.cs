using System.IO;

namespace ExchangeLb.Bench.Proxies;

/// <summary>One of the proxies that are compared: its program, its ports and its configuration. All differ in nothing else.</summary>
/// <param name="Label">As it stands in the report.</param>
/// <param name="WithWeb">A second listener, before nginx.</param>
/// <param name="Ordinal">0 and up; makes ports and paths its own. All ports are below 1024, all others are left to the connections.</param>
internal sealed record ProxyPlan(string Label, string Program, int Ordinal, int Threads, bool ForcedSplice, bool WithWeb, string Directory)
{
    private int FirstPort => 100 + Ordinal * 10;

    /// <summary>Where clients connect: the article's listener.</summary>
    internal int Port => FirstPort;

    internal int StatsPort => FirstPort + 1;

    /// <summary>Where wrk connects: before nginx.</summary>
    internal int WebPort => FirstPort + 2;

    internal int LogPort => FirstPort + 3;

    internal int[] BackendPorts => [FirstPort + 4, FirstPort + 5];

    internal int[] ListeningPorts => WithWeb ? [Port, StatsPort, WebPort] : [Port, StatsPort];

    internal const int NginxPort = 99;

    internal string StatsSocket => Path.Combine(Directory, $"{Ordinal}.sock");

    internal string ConfigurationFile => Path.Combine(Directory, $"{Ordinal}.cfg");

    /// <summary>
    /// The article's configuration, with a log target and a stats socket so that all of it works. Where HAProxy may splice it wants three
    /// descriptors for each of a quarter of maxconn more, unless it is told how many pipes it may have.
    /// </summary>
    internal string Configuration => $"""
        global
            log 127.0.0.1:{LogPort} local0
            nbthread {Threads}
            maxconn 9800{(ForcedSplice ? "\n    maxpipes 100" : "")}
            stats socket {StatsSocket} level admin

        defaults
            log global
            option tcplog
            option dontlognull
            option redispatch
            retries 3
            timeout http-request 10s
            timeout http-keep-alive 10s
            timeout check 10s
            timeout server 10s
            timeout connect 10s
            timeout client 10s

        listen stats
            bind 127.0.0.1:{StatsPort}
            mode http
            stats enable
            stats hide-version
            stats uri /

        listen e2k13
            bind 127.0.0.1:{Port}
            option ssl-hello-chk
            server exchange1 127.0.0.1:{BackendPorts[0]} check
            server exchange2 127.0.0.1:{BackendPorts[1]} check

        """ + ListenerRest + (WithWeb ? Web + ListenerRest : "");

    private string Web => $"""
        listen web
            bind 127.0.0.1:{WebPort}
            server nginx 127.0.0.1:{NginxPort} check

        """;

    private string ListenerRest => $"""
            mode tcp
            option http-keep-alive{(ForcedSplice ? "\n    option splice-request\n    option splice-response" : "")}
            balance roundrobin
            stick-table type ip size 20k expire 15m
            stick on src
            timeout server 1m
            timeout connect 1m
            timeout client 5m

        """;
}
