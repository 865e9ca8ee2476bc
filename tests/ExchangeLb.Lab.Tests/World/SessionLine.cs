using System.Globalization;
using System.Text.RegularExpressions;

namespace ExchangeLb.Lab.Tests.World;

/// <summary>A line of `option tcplog` (configuration manual, 8.2.2), taken apart.</summary>
/// <param name="Tag">What stands before the process id: the program, perhaps after the host.</param>
/// <param name="Counts">Connections of process, frontend, backend and server, and retries.</param>
internal sealed partial record SessionLine(
    string Priority, string Tag, string Client, string Frontend, string Backend, string Server, long Bytes, string Code, string Counts)
{
    /// <summary>From accept to end, by the balancer's own clock.</summary>
    internal long TotalMs { get; private init; }

    /// <summary>Attempts to connect after the first one; "+": to another server at last.</summary>
    internal string Retries => Counts[(Counts.LastIndexOf('/') + 1)..];

    internal static SessionLine? Parse(string line)
    {
        Match match = Form().Match(line);
        return !match.Success ? null : new SessionLine(
            match.Groups["priority"].Value, match.Groups["tag"].Value, match.Groups["client"].Value, match.Groups["frontend"].Value, match.Groups["backend"].Value,
            match.Groups["server"].Value, long.Parse(match.Groups["bytes"].Value, CultureInfo.InvariantCulture), match.Groups["code"].Value, match.Groups["counts"].Value)
        {
            TotalMs = long.Parse(match.Groups["total"].Value, CultureInfo.InvariantCulture),
        };
    }

    [GeneratedRegex(
        """
        ^<(?<priority>\d+)>[A-Z][a-z]{2}\ [ \d]\d\ \d\d:\d\d:\d\d\ (?<tag>[^[]+)\[\d+\]:\ (?<client>[\d.]+):\d+\ \[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d\.\d{3}\]
        \ (?<frontend>\S+)\ (?<backend>[^/\s]+)/(?<server>\S+)\ -?\d+/-?\d+/\+?(?<total>\d+)\ \+?(?<bytes>\d+)\ (?<code>[A-Za-z-]{2})\ (?<counts>\d+/\d+/\d+/\d+/\+?\d+)\ \d+/\d+$
        """, RegexOptions.IgnorePatternWhitespace | RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
