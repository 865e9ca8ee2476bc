using System;
using System.Collections.Generic;
using System.Linq;

namespace ExchangeLb.Config.Keywords;

/// <summary>
/// The known word nearest to a mistyped one, by Damerau-Levenshtein distance (insert, delete, replace, swap of neighbours); else the one that it spells out, or is short for.
/// </summary>
public static class NearestWord
{
    /// <summary>Longer words are nobody's typing error; the bound keeps the work per message small.</summary>
    private const int LongestWord = 64;

    /// <summary>`device` for `dev`: letters that one of the two has less at its end, and letters that both begin with.</summary>
    private const int MostCut = 3;
    private const int LeastCommon = 3;

    /// <returns>Null when no word is within a third of the length (at least 1, at most 4 changes), and none is the beginning of the other.</returns>
    public static string? Find(string word, IEnumerable<string> known)
    {
        if (word.Length is 0 or > LongestWord)
        {
            return null;
        }
        int limit = Math.Clamp(word.Length / 3, 1, 4);
        (string? nearest, int distance) = (null, limit + 1);
        foreach (string candidate in known)
        {
            if (Math.Abs(candidate.Length - word.Length) < distance && Distance(word, candidate) is int found && found < distance)
            {
                (nearest, distance) = (candidate, found);
            }
        }
        return nearest ?? known.Where(candidate => IsCut(candidate, word) || IsCut(word, candidate)).MinBy(candidate => Math.Abs(candidate.Length - word.Length));
    }

    private static bool IsCut(string shorter, string whole) =>
        shorter.Length >= LeastCommon && whole.Length - shorter.Length is > 0 and <= MostCut && whole.StartsWith(shorter, StringComparison.Ordinal);

    internal static int Distance(string left, string right)
    {
        // Three rows of the matrix are enough: the one being filled, the one above and, for swaps, the one above that.
        int[] above2 = new int[right.Length + 1];
        int[] above = new int[right.Length + 1];
        int[] row = new int[right.Length + 1];
        for (int j = 0; j <= right.Length; j++)
        {
            above[j] = j;
        }
        for (int i = 1; i <= left.Length; i++)
        {
            row[0] = i;
            for (int j = 1; j <= right.Length; j++)
            {
                int replaced = above[j - 1] + (left[i - 1] == right[j - 1] ? 0 : 1);
                row[j] = Math.Min(replaced, Math.Min(above[j], row[j - 1]) + 1);
                if (i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1])
                {
                    row[j] = Math.Min(row[j], above2[j - 2] + 1);
                }
            }
            (above2, above, row) = (above, row, above2);
        }
        return above[right.Length];
    }
}
