using System;
using System.Collections.Generic;
using System.Linq;
using ExchangeLb.Config.Keywords;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Config.Proxies;

/// <summary>`balance &lt;algorithm&gt;` and `hash-type …` (configuration.txt, 4.2).</summary>
internal static class BalanceLine
{
    public static IReadOnlyDictionary<string, BalanceKind> Algorithms { get; } = new Dictionary<string, BalanceKind>(StringComparer.Ordinal)
    {
        ["roundrobin"] = BalanceKind.RoundRobin,
        ["static-rr"] = BalanceKind.StaticRoundRobin,
        ["leastconn"] = BalanceKind.LeastConn,
        ["first"] = BalanceKind.First,
        ["source"] = BalanceKind.Source,
    };

    /// <summary>Algorithms that HAProxy 2.6 knows and we don't run; those with an argument are written `name(argument)`.</summary>
    public static IReadOnlyList<string> Refused { get; } = ["hdr", "hash", "random", "rdp-cookie", "uri", "url_param"];

    public static void Read(ProxyDraft proxy, Arguments line)
    {
        // `balance` alone is the default, as in HAProxy.
        string name = line.HasMore ? line.Take() : "roundrobin";
        string family = name.Split('(')[0];
        if (Algorithms.TryGetValue(name, out BalanceKind kind))
        {
            proxy.Settings.Balance = kind;
            line.SkipAll();
        }
        else if (Refused.Contains(family))
        {
            line.Alert($"has the algorithm '{name}', which is known, but not supported",
                $"write one of {string.Join(", ", Algorithms.Keys)}");
        }
        else
        {
            line.Alert($"has an unknown algorithm '{name}'", NearestWord.Find(name, Algorithms.Keys) is { } nearest
                ? $"did you mean '{nearest}'?" : $"write one of {string.Join(", ", Algorithms.Keys)}");
        }
    }

    /// <summary>Only the default form is run: the modulo of a hash over all servers.</summary>
    public static void ReadHashType(ProxyDraft proxy, Arguments line)
    {
        string words = string.Join(' ', line.TakeAll());
        if (words is "map-based" or "map-based sdbm")
        {
            return;
        }
        string first = words.Split(' ')[0];
        bool known = first is "map-based" or "consistent";
        line.Alert(known ? $"has '{words}', which is known, but not supported" : $"does not take '{words}'",
            "write 'hash-type map-based', or remove the line");
    }
}
