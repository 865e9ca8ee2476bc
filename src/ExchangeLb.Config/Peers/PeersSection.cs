using System.Collections.Generic;
using System.Linq;
using ExchangeLb.Config.Keywords;
using ExchangeLb.Config.Proxies;
using ExchangeLb.Config.Sections;
using static ExchangeLb.Config.Keywords.Support;

namespace ExchangeLb.Config.Peers;

/// <summary>
/// `peers` (configuration.txt, 3.5): read, so that a site's haproxy.cfg runs as it is, and ignored, since the cluster replicates every stick
/// table without being told. Its words are checked as far as a slip in one of them would be noticed by HAProxy too.
/// </summary>
internal static class PeersSection
{
    public const string Word = "peers";

    private static readonly KeywordTable<string> Table = new(
        Ignored("bind", "default-bind", "default-server", "disabled", "enabled", "log", "peer", "server"),
        [
            new("table", SectionKinds.Peers, Refused, "write a 'stick-table' line into a backend, and name that backend in the rules", null),
        ]);

    public static Section Open(Arguments line)
    {
        string name = line.Take();
        if (name.Length == 0)
        {
            line.Alert("lacks a name", "write: peers <name>");
            return new SkippedSection(Word);
        }
        if (SectionNames.FirstBadCharacter(name) is { } bad)
        {
            line.Alert($"has a character in its name '{name}' that names can't have: '{bad}'", "use letters, digits, '.', '_', '-' and ':'");
            return new SkippedSection(Word);
        }
        if (!line.NameFits(name) || !line.ExpectEnd())
        {
            return new SkippedSection(Word);
        }
        line.Context.PeersSections.Add(name);
        string title = $"{Word} '{name}'";
        line.Context.Diagnostics.Warning(line.Place, line.Context.Options.HasCluster
            ? $"{title}: the section is ignored, the cluster replicates every stick table between the nodes of cluster.cfg; remove it"
            : $"{title}: the section is ignored, stick tables are only replicated within a cluster; write a cluster.cfg and start with --cluster cluster.cfg");
        return new KeywordSection<string>(SectionKinds.Peers, title, Table, name, (_, _) => { }) { VariableValue = name };
    }

    private static IEnumerable<Keyword<string>> Ignored(params string[] names) =>
        names.Select(name => new Keyword<string>(name, SectionKinds.Peers, Run, "the cluster replicates stick tables", null) { Negatable = name == "log" });
}
