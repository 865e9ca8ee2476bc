using System.Net;
using ExchangeLb.Loopback.Tests.Fakes;

namespace ExchangeLb.Loopback.Tests.Balancers;

/// <summary>
/// The whole configuration of a test from the sections that it is about: a global section that logs to the collector and defaults
/// with time-outs long enough not to play a role are put before them, and FRONT is replaced by the address to bind.
/// </summary>
internal static class SiteText
{
    public static string Of(string sections, IPEndPoint front, LogCollector log, string global = "") => $"""
        global
            log {log.EndPoint} local0
            {global}
        defaults
            mode tcp
            log global
            option tcplog
            timeout connect 5s
            timeout client 30s
            timeout server 30s
        {sections.Replace("FRONT", front.ToString(), System.StringComparison.Ordinal)}

        """;
}
