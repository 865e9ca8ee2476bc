using System;

namespace ExchangeLb.Config.Keywords;

/// <summary>What we do with a word that HAProxy 2.6 knows.</summary>
internal enum Support
{
    /// <summary>It means what it means in HAProxy.</summary>
    Run,

    /// <summary>Accepted; a notice says that it changes nothing here. The description says why.</summary>
    NoEffect,

    /// <summary>
    /// Only HTTP knows it: ignored with a warning in TCP mode, as in HAProxy; without effect where only the stats page speaks HTTP.
    /// </summary>
    HttpOnly,

    /// <summary>Known, not supported: an error.</summary>
    Refused,

    /// <summary>HAProxy 2.6 itself no longer takes it; the description is the remedy.</summary>
    Removed,
}

/// <summary>One row of a keyword table.</summary>
/// <param name="Name">One word, or two where the second tells keywords apart (`timeout client`).</param>
/// <param name="Kinds">Where it may stand.</param>
/// <param name="Description">One line for the README; for rows that are not run: why, or what to write instead.</param>
internal abstract record Keyword(string Name, SectionKinds Kinds, Support Support, string Description)
{
    /// <summary>Number of words after the name.</summary>
    public int MinArguments { get; init; }

    public int MaxArguments { get; init; } = int.MaxValue;

    /// <summary>How the arguments are written, for messages and the README: `&lt;time&gt;`.</summary>
    public string Syntax { get; init; } = "";

    /// <summary>`no NAME` and `default NAME` are allowed.</summary>
    public bool Negatable { get; init; }

    /// <summary>HAProxy 2.6 itself warns of it.</summary>
    public bool Deprecated { get; init; }

    /// <summary>In a section that has no use for it HAProxy warns and goes on; otherwise it is an error there.</summary>
    public bool IgnoredElsewhere { get; init; }
}

/// <param name="Parse">Reads the arguments into the draft. Null where the row is not run.</param>
internal sealed record Keyword<TDraft>(
    string Name, SectionKinds Kinds, Support Support, string Description, Action<TDraft, Arguments>? Parse)
    : Keyword(Name, Kinds, Support, Description);
