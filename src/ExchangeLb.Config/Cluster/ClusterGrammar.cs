using System.Collections.Generic;
using System.Linq;
using ExchangeLb.Config.Keywords;
using ExchangeLb.Config.Lexing;
using ExchangeLb.Config.Sections;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Config.Cluster;

/// <summary>cluster.cfg: one section, `cluster NAME`.</summary>
internal sealed class ClusterGrammar : Grammar
{
    public const string SectionWord = "cluster";

    /// <summary>The section that was opened; null: none yet, or its first line was wrong.</summary>
    public ClusterDraft? Draft { get; private set; }

    /// <summary>A section's line was there, right or wrong.</summary>
    public bool Begun { get; private set; }

    public override IEnumerable<string> SectionWords => [SectionWord];

    public override string Opening => "begin with: cluster <name>";

    public override string NegationRemedy => "remove the line";

    public override bool IsSection(string word) => word == SectionWord;

    public override bool IsNegatable(string word) => false;

    public override string? RemedyElsewhere(string word) =>
        SectionOpener.IsSection(word) ? "this is read as cluster.cfg; what HAProxy knows belongs into haproxy.cfg (-f)" : null;

    public override Section Open(ReadingContext context, SourcePlace place, IReadOnlyList<Word> words)
    {
        Arguments line = new(context, place, SectionWord, [.. words.Skip(1)]) { Keyword = SectionWord };
        if (Begun)
        {
            line.Alert("stands a second time", "a file describes one cluster: remove one section");
            return new SkippedSection(SectionWord);
        }
        Begun = true;
        string name = line.Take();
        if (name.Length == 0)
        {
            line.Alert("lacks a name", "write: cluster <name>");
            return new SkippedSection(SectionWord);
        }
        if (!NodeLine.NameIsRight(name, line) || !line.ExpectEnd())
        {
            return new SkippedSection(SectionWord);
        }
        Draft = new ClusterDraft(name, place);
        return new KeywordSection<ClusterDraft>(SectionKinds.Cluster, Draft.Title, ClusterKeywords.Table, Draft, (_, _) => { }) { VariableValue = name };
    }
}
