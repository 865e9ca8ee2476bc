using System.Linq;

namespace ExchangeLb.Config.Proxies;

/// <summary>Names of proxies, servers and ACLs share one alphabet (HAProxy invalid_char).</summary>
internal static class SectionNames
{
    /// <summary>Null: the name is fine.</summary>
    public static char? FirstBadCharacter(string name) =>
        name.Where(c => !char.IsAsciiLetterOrDigit(c) && c is not ('_' or ':' or '-' or '.')).Select(c => (char?)c).FirstOrDefault();
}
