using System.Collections.Generic;
using ExchangeLb.Config.Keywords;
using ExchangeLb.Config.Lexing;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Config.Sections;

/// <summary>A section being read: takes its lines one by one, in order, then is closed.</summary>
internal abstract class Section(SectionKinds kind, string title)
{
    public SectionKinds Kind => kind;

    /// <summary>`listen 'e2k13'`, `global`: how messages name it.</summary>
    public string Title => title;

    /// <summary>What <c>.SECTION</c> stands for.</summary>
    public string VariableValue { get; init; } = "";

    public abstract void Read(ReadingContext context, SourcePlace place, IReadOnlyList<Word> words, Modifier modifier);

    /// <summary>The next section begins, or the last file ends.</summary>
    public virtual void Close(ReadingContext context)
    {
    }
}

/// <summary>A section whose lines are rows of a keyword table.</summary>
internal sealed class KeywordSection<TDraft>(
    SectionKinds kind, string title, KeywordTable<TDraft> table, TDraft draft, System.Action<TDraft, ReadingContext> close)
    : Section(kind, title)
{
    public override void Read(ReadingContext context, SourcePlace place, IReadOnlyList<Word> words, Modifier modifier) =>
        KeywordLine.Read(context, place, this, table, draft, words, modifier);

    public override void Close(ReadingContext context) => close(draft, context);
}

/// <summary>
/// A section that was refused or whose opening line was wrong: its lines are passed over, since one message about it is enough.
/// </summary>
internal sealed class SkippedSection(string title) : Section(SectionKinds.Other, title)
{
    public override void Read(ReadingContext context, SourcePlace place, IReadOnlyList<Word> words, Modifier modifier)
    {
    }
}
