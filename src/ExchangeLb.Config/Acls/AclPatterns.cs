using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Globalization;
using System.Linq;
using System.Net;
using ExchangeLb.Config.Keywords;
using ExchangeLb.Config.Lexing;
using ExchangeLb.Config.Values;

namespace ExchangeLb.Config.Acls;

/// <summary>The values behind a criterion, flags done with and pattern files read in (configuration.txt, 7.1).</summary>
/// <param name="ResolveNames">False after `-n`: host names are not looked up.</param>
internal sealed record AclPatterns(IReadOnlyList<string> Values, bool ResolveNames)
{
    private static readonly string[] MatchMethods = ["bool", "found", "str", "beg", "end", "sub", "dir", "dom", "reg", "len", "bin"];

    /// <summary>Null after an alert. <paramref name="words"/>[0] is the criterion.</summary>
    public static AclPatterns? Read(IReadOnlyList<string> words, Arguments arguments)
    {
        List<string> values = [];
        Queue<string> rest = new(words.Skip(1));
        bool resolve = true;
        bool meantEmpty = words[0].StartsWith("always_", StringComparison.Ordinal);
        while (rest.TryPeek(out string? flag) && flag.Length == 2 && flag[0] == '-' && !char.IsAsciiDigit(flag[1]))
        {
            rest.Dequeue();
            if (flag == "--")
            {
                meantEmpty = true;
                break;
            }
            resolve &= flag != "-n";
            meantEmpty |= flag == "-f";
            if (!ReadFlag(flag, rest, values, arguments))
            {
                return null;
            }
        }
        values.AddRange(rest);
        if (values.Count == 0 && !meantEmpty)
        {
            arguments.Warning($"gives '{words[0]}' no values, so it never holds", "write the values, or '--' if it is meant so");
        }
        return new(values, resolve);
    }

    private static bool ReadFlag(string flag, Queue<string> rest, List<string> values, Arguments arguments)
    {
        if (flag is "-i" or "-n")
        {
            return true;
        }
        if (flag is not ("-f" or "-m") || !rest.TryDequeue(out string? argument))
        {
            arguments.Alert($"has a flag '{flag}' that is not supported or lacks its argument",
                "supported are -i, -n, -m ip, -m int, -f <file> and --");
            return false;
        }
        if (flag == "-f")
        {
            return ReadFile(argument, values, arguments);
        }
        if (argument is "ip" or "int")
        {
            return true;
        }
        string problem = MatchMethods.Contains(argument)
            ? $"has '-m {argument}', which is known, but not supported" : $"has an unknown match method '{argument}'";
        arguments.Alert(problem, "remove '-m' and its argument");
        return false;
    }

    /// <summary>Null after an alert.</summary>
    public static ImmutableArray<IPNetwork>? Networks(AclPatterns patterns, Arguments arguments)
    {
        ImmutableArray<IPNetwork>.Builder networks = ImmutableArray.CreateBuilder<IPNetwork>(patterns.Values.Count);
        foreach (string value in patterns.Values)
        {
            if (NetworkText.Parse(value, patterns.ResolveNames ? arguments.Context.Options.Resolve : _ => []) is not { } network)
            {
                arguments.Alert($"has '{value}', which is not an address or network", "write for example 10.0.0.0/8 or fd00::/8");
                return null;
            }
            networks.Add(network);
        }
        return networks.ToImmutable();
    }

    /// <summary>`443`, `1024:65535`, `gt 5`: an operator holds for all values behind it. Null after an alert.</summary>
    public static ImmutableArray<(int Low, int High)>? Ranges(AclPatterns patterns, Arguments arguments)
    {
        ImmutableArray<(int Low, int High)>.Builder ranges = ImmutableArray.CreateBuilder<(int, int)>();
        string comparison = "eq";
        foreach (string value in patterns.Values)
        {
            if (value is "eq" or "ge" or "gt" or "le" or "lt")
            {
                comparison = value;
            }
            else if (TryRange(value, comparison) is { } range)
            {
                ranges.Add(range);
            }
            else
            {
                arguments.Alert($"has '{value}', which is not a number or range", "write for example 443, 1024:65535 or ge 2");
                return null;
            }
        }
        return ranges.ToImmutable();
    }

    private static (int Low, int High)? TryRange(string text, string comparison)
    {
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        int low = int.MinValue;
        int high = int.MaxValue;
        if (colon < 0)
        {
            return !TryNumber(text, out int number) ? null : comparison switch
            {
                "ge" => (number, int.MaxValue),
                "gt" => number == int.MaxValue ? null : (number + 1, int.MaxValue),
                "le" => (int.MinValue, number),
                "lt" => number == int.MinValue ? null : (int.MinValue, number - 1),
                _ => (number, number),
            };
        }
        bool fits = comparison == "eq" && text.Length > 1
            && (colon == 0 || TryNumber(text[..colon], out low)) && (colon == text.Length - 1 || TryNumber(text[(colon + 1)..], out high));
        return fits && low <= high ? (low, high) : null;
    }

    private static bool TryNumber(string text, out int number) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);

    /// <summary>One pattern a line; blank lines and lines that begin with # don't count.</summary>
    private static bool ReadFile(string path, List<string> values, Arguments arguments)
    {
        if (arguments.Context.Options.ReadTextFile(path) is not { } text)
        {
            arguments.Alert($"names the file '{path}', which can't be read", "check path and permissions");
            return false;
        }
        foreach (ReadOnlySpan<char> raw in text.AsSpan().EnumerateLines())
        {
            ReadOnlySpan<char> line = raw.Trim();
            if (line.IsEmpty || line[0] == '#')
            {
                continue;
            }
            if (++arguments.Context.FilePatterns > ReaderLimits.FilePatterns)
            {
                arguments.Alert($"names the file '{path}', with which files give more than {ReaderLimits.FilePatterns} values",
                    "merge networks");
                return false;
            }
            values.Add(line.ToString());
        }
        return true;
    }
}
