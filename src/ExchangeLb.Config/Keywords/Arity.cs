using System.Collections.Generic;

namespace ExchangeLb.Config.Keywords;

/// <summary>
/// How many words a syntax takes: `&lt;a&gt; [&lt;b&gt; &lt;c&gt;]` is 1 to 3. A word in brackets of its own is optional, `…` means any
/// number more.
/// </summary>
internal readonly record struct Arity(int Min, int Max)
{
    public static Arity Of(string syntax)
    {
        (int min, int max) = (0, 0);
        foreach (string word in Words(syntax))
        {
            bool optional = IsBracketed(word);
            min += optional ? 0 : 1;
            max += optional ? word.Split(' ').Length : 1;
        }
        return new(min, syntax.Contains('…', System.StringComparison.Ordinal) ? int.MaxValue : max);
    }

    /// <summary>Cuts at the spaces that stand outside of brackets.</summary>
    private static IEnumerable<string> Words(string syntax)
    {
        (int start, int depth) = (0, 0);
        for (int i = 0; i <= syntax.Length; i++)
        {
            char c = i < syntax.Length ? syntax[i] : ' ';
            depth += c == '[' ? 1 : c == ']' ? -1 : 0;
            if (c == ' ' && (depth == 0 || i == syntax.Length))
            {
                if (i > start)
                {
                    yield return syntax[start..i];
                }
                start = i + 1;
            }
        }
    }

    /// <summary>`[…]` as a whole, not `[address]:port`.</summary>
    private static bool IsBracketed(string word)
    {
        int depth = 0;
        for (int i = 0; i < word.Length; i++)
        {
            depth += word[i] == '[' ? 1 : word[i] == ']' ? -1 : 0;
            if (depth == 0 && i < word.Length - 1)
            {
                return false;
            }
        }
        return word.StartsWith('[');
    }
}
