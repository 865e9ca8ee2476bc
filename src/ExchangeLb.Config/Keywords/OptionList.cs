namespace ExchangeLb.Config.Keywords;

/// <summary>Options behind an address on one line (`bind`, `server`, `stats socket`), each with a fixed number of arguments.</summary>
internal static class OptionList
{
    /// <param name="kind">The section's kind: rows not made for it are errors.</param>
    /// <returns>False after an unknown word, behind which nothing can be told apart any more.</returns>
    public static bool Read<TDraft>(KeywordTable<TDraft> table, SectionKinds kind, TDraft draft, Arguments arguments)
    {
        string line = arguments.Keyword;
        while (arguments.HasMore)
        {
            string word = arguments.Take();
            arguments.Keyword = $"{line} … {word}";
            Keyword<TDraft>? row = table.Find(word, null);
            if (word.Length == 0)
            {
                arguments.Alert("is an empty word", "is an environment variable missing?");
                return false;
            }
            if (row is null)
            {
                arguments.Alert("is not known here", table.Nearest(word, kind) is { } nearest ? $"did you mean '{nearest}'?" : "remove it");
                return false;
            }
            if (arguments.Remaining < row.MinArguments)
            {
                arguments.Alert("lacks an argument", $"write: {row.Name} {row.Syntax}".TrimEnd());
                return false;
            }
            Run(row, kind, draft, arguments);
        }
        arguments.Keyword = line;
        return true;
    }

    private static void Run<TDraft>(Keyword<TDraft> row, SectionKinds kind, TDraft draft, Arguments arguments)
    {
        if (row.Support == Support.Run && (row.Kinds & kind) != 0)
        {
            row.Parse!(draft, arguments);
            return;
        }
        for (int i = 0; i < row.MinArguments; i++)
        {
            arguments.Take();
        }
        switch (row.Support)
        {
            case Support.Run:
                arguments.Alert("may not stand in this section", "remove it");
                break;
            case Support.Refused or Support.Removed:
                arguments.Alert(row.Support == Support.Refused ? "is known, but not supported" : "is no longer taken by HAProxy",
                    row.Description);
                break;
            case Support.HttpOnly:
                arguments.Warning("is ignored: it needs 'mode http'", "remove it");
                break;
            case Support.NoEffect when row.Deprecated:
                arguments.Warning("is deprecated and changes nothing here", row.Description);
                break;
            default:
                arguments.Notice("changes nothing here", row.Description);
                break;
        }
    }
}
