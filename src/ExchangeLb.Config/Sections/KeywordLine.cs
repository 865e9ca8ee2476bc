using System.Collections.Generic;
using System.Linq;
using ExchangeLb.Config.Keywords;
using ExchangeLb.Config.Lexing;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Config.Sections;

/// <summary>One line of a section: finds its row, and either runs it or says why not.</summary>
internal static class KeywordLine
{
    public static void Read<TDraft>(
        ReadingContext context, SourcePlace place, Section section, KeywordTable<TDraft> table, TDraft draft, IReadOnlyList<Word> words,
        Modifier modifier)
    {
        string first = words[0].Text;
        string? second = words.Count > 1 ? words[1].Text : null;
        Keyword<TDraft>? row = table.Find(first, second);
        int nameWords = row is not null && row.Name.Length > first.Length ? 2 : 1;
        Arguments arguments = new(context, place, section.Title, [.. words.Skip(nameWords)])
        {
            Keyword = row?.Name ?? first,
            Modifier = modifier,
        };
        if (row is null)
        {
            ReportUnknown(arguments, section, table, first, second);
        }
        else if (Allowed(arguments, section, row))
        {
            row.Parse?.Invoke(draft, arguments);
        }
    }

    private static void ReportUnknown<TDraft>(Arguments arguments, Section section, KeywordTable<TDraft> table, string first,
        string? second)
    {
        bool family = table.IsFamily(first);
        if (family && second is null)
        {
            arguments.Alert("lacks its second word", $"write one of: {Members(table, first, section.Kind)}");
            return;
        }
        arguments.Keyword = family ? $"{first} {second}" : first;
        string remedy = table.Nearest(arguments.Keyword, section.Kind) is { } nearest ? $"did you mean '{nearest}'?"
            : family ? $"known are: {Members(table, first, section.Kind)}"
            : "remove it, or look it up in cluster-config/keywords.md";
        arguments.Alert("is not known here", remedy);
    }

    /// <summary>The second words that are run with this first one.</summary>
    private static string Members<TDraft>(KeywordTable<TDraft> table, string first, SectionKinds kind) =>
        string.Join(", ", table.Rows.Where(row => row.Support == Support.Run && (row.Kinds & kind) != 0)
            .Select(row => row.Name.Split(' ')).Where(words => words.Length == 2 && words[0] == first).Select(words => words[1]));

    private static bool Allowed<TDraft>(Arguments arguments, Section section, Keyword<TDraft> row)
    {
        if (row.Support == Support.Removed)
        {
            arguments.Alert("is no longer taken by HAProxy", row.Description);
            return false;
        }
        if (arguments.Negated && !row.Negatable)
        {
            arguments.Alert("can't be preceded by 'no' or 'default'", "remove the line");
            return false;
        }
        if ((row.Kinds & section.Kind) == 0)
        {
            ReportMisplaced(arguments, section.Kind, row);
            return false;
        }
        if (row.Support == Support.NoEffect)
        {
            ReportNoEffect(arguments, row);
            return false;
        }
        if (row.Support == Support.Refused)
        {
            if (!arguments.Negated)
            {
                arguments.Alert("is known, but not supported", row.Description);
            }
            return false;
        }
        return CountIsRight(arguments, row);
    }

    private static void ReportNoEffect(Arguments arguments, Keyword row)
    {
        if (row.Deprecated)
        {
            arguments.Warning("is deprecated and changes nothing here", row.Description);
        }
        else if (!arguments.Negated)
        {
            arguments.Notice("changes nothing here", row.Description);
        }
    }

    private static void ReportMisplaced(Arguments arguments, SectionKinds kind, Keyword row)
    {
        string remedy = $"it belongs into: {row.Kinds.ToWords()}";
        // HAProxy forgives such a word in a proxy that lacks the side it is for, but not in defaults.
        if (row.IgnoredElsewhere && kind != SectionKinds.Defaults)
        {
            arguments.Warning("is ignored in this section", remedy);
        }
        else
        {
            arguments.Alert("may not stand in this section", remedy);
        }
    }

    private static bool CountIsRight(Arguments arguments, Keyword row)
    {
        if (arguments.Negated || (arguments.Remaining >= row.MinArguments && arguments.Remaining <= row.MaxArguments))
        {
            return true;
        }
        string problem = arguments.Remaining < row.MinArguments ? "lacks an argument" : "has too many arguments";
        arguments.Alert(problem, $"write: {row.Name} {row.Syntax}".TrimEnd());
        return false;
    }
}
