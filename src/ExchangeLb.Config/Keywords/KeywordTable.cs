using System;
using System.Collections.Generic;
using System.Linq;

namespace ExchangeLb.Config.Keywords;

/// <summary>The rows of one place of the language (a section, a bind line, a server line), found by their one or two words.</summary>
internal sealed class KeywordTable<TDraft>(params IEnumerable<Keyword<TDraft>>[] rows)
{
    private readonly Dictionary<string, Keyword<TDraft>> _byName =
        rows.SelectMany(part => part).ToDictionary(row => row.Name, StringComparer.Ordinal);
    private readonly HashSet<string> _families = rows.SelectMany(part => part).Select(row => row.Name.Split(' '))
        .Where(words => words.Length == 2).Select(words => words[0]).ToHashSet(StringComparer.Ordinal);

    public IEnumerable<Keyword<TDraft>> Rows => _byName.Values;

    /// <summary>The row of `first second` or of `first` alone.</summary>
    public Keyword<TDraft>? Find(string first, string? second) =>
        second is not null && _byName.TryGetValue($"{first} {second}", out Keyword<TDraft>? row) ? row : _byName.GetValueOrDefault(first);

    /// <summary>`first` only means something together with a second word (`timeout`, `option`).</summary>
    public bool IsFamily(string first) => _families.Contains(first);

    /// <summary>The known name in these sections that the writer most likely meant; null: none is near.</summary>
    public string? Nearest(string name, SectionKinds kinds) =>
        NearestWord.Find(name, Rows.Where(row => (row.Kinds & kinds) != 0).Select(row => row.Name).Concat(_families));
}
