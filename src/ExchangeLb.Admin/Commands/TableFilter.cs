using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Runtime;

namespace ExchangeLb.Admin.Commands;

/// <summary>Which entries of a stick table are meant: `key K`, or up to four `data.server_id OPERATOR NUMBER`, or all.</summary>
internal sealed record TableFilter(IPAddress? Key, ImmutableArray<Func<int, bool>> OnServerId)
{
    private static readonly Dictionary<string, Func<long, long, bool>> Operators = new(StringComparer.Ordinal)
    {
        ["eq"] = (has, given) => has == given,
        ["ne"] = (has, given) => has != given,
        ["le"] = (has, given) => has <= given,
        ["ge"] = (has, given) => has >= given,
        ["lt"] = (has, given) => has < given,
        ["gt"] = (has, given) => has > given,
    };

    public bool IsOpen => Key is null && OnServerId.IsEmpty;

    /// <summary>Is asked for each entry of a table and so allocates nothing.</summary>
    public bool Matches(in StickEntrySnapshot entry)
    {
        foreach (Func<int, bool> test in OnServerId)
        {
            if (!test(entry.ServerId))
            {
                return false;
            }
        }
        return Key is null || entry.Key.Equals(Key);
    }

    /// <summary>Null, after saying why, when the words are no filter.</summary>
    /// <param name="usage">What to say when they are not even like one.</param>
    public static TableFilter? Parse(CommandCall call, StickKeyKind kind, string usage)
    {
        ReadOnlySpan<string> words = call.Arguments.AsSpan()[1..];
        if (words.IsEmpty)
        {
            return new TableFilter(null, []);
        }
        if (words[0] == "key")
        {
            return ParseKey(call, kind, words.Length > 1 ? words[1] : "");
        }
        var tests = new List<Func<int, bool>>();
        while (!words.IsEmpty)
        {
            string? wrong = !words[0].StartsWith("data.", StringComparison.Ordinal) || tests.Count == CommandLimits.DataFilters
                ? usage
                : ParseTest(words, tests);
            if (wrong is not null)
            {
                call.Say(wrong);
                return null;
            }
            words = words[3..];
        }
        return new TableFilter(null, [.. tests]);
    }

    private static TableFilter? ParseKey(CommandCall call, StickKeyKind kind, string text)
    {
        if (text.Length == 0)
        {
            call.Say("Key value expected");
            return null;
        }
        if (!IPAddress.TryParse(text, out IPAddress? key))
        {
            call.Say("The key is not an address.");
            return null;
        }
        // A table of type ipv6 holds IPv4 clients as mapped addresses.
        bool mapped = kind == StickKeyKind.IPv6 && key.AddressFamily == AddressFamily.InterNetwork;
        return new TableFilter(mapped ? key.MapToIPv6() : key, []);
    }

    /// <summary>Reads `data.server_id OPERATOR NUMBER`; null, or what is wrong.</summary>
    private static string? ParseTest(ReadOnlySpan<string> words, List<Func<int, bool>> tests)
    {
        string place = $"Filter entry #{tests.Count + 1}: ";
        if (words[0] != "data.server_id")
        {
            return place + "Unknown data type";
        }
        if (words.Length < 2 || !Operators.TryGetValue(words[1], out Func<long, long, bool>? compare))
        {
            return place + "Require and operator among \"eq\", \"ne\", \"le\", \"ge\", \"lt\", \"gt\"";
        }
        if (words.Length < 3 || !long.TryParse(words[2], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number))
        {
            return place + "Require a valid integer value to compare against";
        }
        tests.Add(has => compare(has, number));
        return null;
    }
}
