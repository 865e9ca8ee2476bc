using System.Collections.Generic;
using ExchangeLb.Config.Lexing;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Config.Sections;

/// <summary>The sections that one kind of file may have: haproxy.cfg's or cluster.cfg's.</summary>
internal abstract class Grammar
{
    /// <summary>Words that begin a section, refused ones included.</summary>
    public abstract IEnumerable<string> SectionWords { get; }

    /// <summary>How to begin, for whoever wrote a line before any section.</summary>
    public abstract string Opening { get; }

    /// <summary>What to do about `no WORD` where it has no meaning.</summary>
    public abstract string NegationRemedy { get; }

    public abstract bool IsSection(string word);

    /// <summary>`no` and `default` may precede the word; its row says which of the two.</summary>
    public abstract bool IsNegatable(string word);

    /// <summary>What to do about a word that begins a section of the other kind of file; null: it does not.</summary>
    public abstract string? RemedyElsewhere(string word);

    public abstract Section Open(ReadingContext context, SourcePlace place, IReadOnlyList<Word> words);
}
