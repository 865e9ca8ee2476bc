using System;
using System.Collections.Generic;
using System.Linq;
using ExchangeLb.Config.Keywords;
using ExchangeLb.Config.Proxies;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Config.Acls;

/// <summary>A criterion with its flags and values: what stands behind an ACL's name, or between braces.</summary>
internal static class AclTestReader
{
    /// <summary>Criteria that can be told before data has come.</summary>
    public static readonly string[] Supported = ["src", "dst", "src_port", "dst_port", "nbsrv", "always_true", "always_false"];

    /// <summary>Null after an alert.</summary>
    public static AclTestModel? Read(ProxyDraft proxy, IReadOnlyList<string> words, Arguments arguments)
    {
        if (words.Count == 0)
        {
            arguments.Alert("lacks a criterion", $"write one of: {string.Join(", ", Supported)}");
            return null;
        }
        (string criterion, string? inner) = CutArgument(words[0]);
        if (!Supported.Contains(criterion) || words[0].Contains("),", StringComparison.Ordinal)
            || criterion.Contains(',', StringComparison.Ordinal))
        {
            ReportCriterion(words[0], criterion, arguments);
            return null;
        }
        if (AclPatterns.Read(words, arguments) is not { } patterns)
        {
            return null;
        }
        return criterion switch
        {
            "src" => AclPatterns.Networks(patterns, arguments) is { } networks ? new AddressTestModel(ConnectionSide.Source, networks) : null,
            "dst" => AclPatterns.Networks(patterns, arguments) is { } networks ? new AddressTestModel(ConnectionSide.Destination, networks) : null,
            "src_port" => AclPatterns.Ranges(patterns, arguments) is { } ranges ? new PortTestModel(ConnectionSide.Source, ranges) : null,
            "dst_port" =>
                AclPatterns.Ranges(patterns, arguments) is { } ranges ? new PortTestModel(ConnectionSide.Destination, ranges) : null,
            "nbsrv" => UsableServers(proxy, inner, patterns, arguments),
            _ => new ConstantTestModel(criterion == "always_true"),
        };
    }

    /// <summary>`nbsrv(exchange)` -> nbsrv, exchange.</summary>
    private static (string Criterion, string? Inner) CutArgument(string word)
    {
        int open = word.IndexOf('(', StringComparison.Ordinal);
        return open >= 0 && word.EndsWith(')') ? (word[..open], word[(open + 1)..^1]) : (word, null);
    }

    private static UsableServersTestModel? UsableServers(ProxyDraft proxy, string? backend, AclPatterns patterns, Arguments arguments)
    {
        backend = string.IsNullOrEmpty(backend) && proxy.HasBackend ? proxy.Name : backend;
        if (string.IsNullOrEmpty(backend))
        {
            arguments.Alert("'nbsrv' needs the name of a backend here", "write: nbsrv(<backend>)");
            return null;
        }
        proxy.NamedBackends.Add((backend, arguments.Place));
        return AclPatterns.Ranges(patterns, arguments) is { } ranges ? new(backend, ranges) : null;
    }

    private static void ReportCriterion(string word, string criterion, Arguments arguments)
    {
        string name = criterion.Split('(', ',')[0];
        if (Supported.Contains(name))
        {
            arguments.Alert($"has '{word}': converters behind '{name}' are known, but not supported",
                $"write '{name}' alone and give networks or ranges");
        }
        else if (KnownCriteria.Contains(name))
        {
            arguments.Alert($"has the criterion '{name}', which is known, but not supported",
                $"supported are: {string.Join(", ", Supported)}");
        }
        else
        {
            arguments.Alert($"has the criterion '{word}', which is not known",
                NearestWord.Find(name, Supported.Concat(KnownCriteria.All)) is { } nearest
                    ? $"did you mean '{nearest}'?" : $"supported are: {string.Join(", ", Supported)}");
        }
    }
}
