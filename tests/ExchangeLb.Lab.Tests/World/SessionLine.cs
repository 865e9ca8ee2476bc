using System.Globalization;
using System.Text.RegularExpressions;

namespace ExchangeLb.Lab.Tests.World;

/// <summary>A line of `option tcplog` (configuration manual, 8.2.2), taken apart.</summary>
internal sealed partial record SessionLine(string Priority, string Client, string Frontend, string Backend, string Server, string Code, long Bytes, string Line)
{
    internal static SessionLine? Parse(string line)
    {
        Match match = Form().Match(line);
        return !match.Success ? null : new SessionLine(match.Groups["priority"].Value, match.Groups["client"].Value, match.Groups["frontend"].Value,
            match.Groups["backend"].Value, match.Groups["server"].Value, match.Groups["code"].Value, long.Parse(match.Groups["bytes"].Value, CultureInfo.InvariantCulture), line);
    }

    [GeneratedRegex(
        """
        ^<(?<priority>\d+)>[A-Z][a-z]{2}\ [ \d]\d\ \d\d:\d\d:\d\d\ \w+\[\d+\]:\ (?<client>[\d.]+):\d+\ \[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d\.\d{3}\]
        \ (?<frontend>\S+)\ (?<backend>[^/\s]+)/(?<server>\S+)\ -?\d+/-?\d+/\+?\d+\ \+?(?<bytes>\d+)\ (?<code>[A-Za-z-]{2})\ \d+/\d+/\d+/\d+/\+?\d+\ \d+/\d+$
        """, RegexOptions.IgnorePatternWhitespace | RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
