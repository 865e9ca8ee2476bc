using System.Collections.Generic;
using System.Collections.Immutable;
using System.Text;

namespace ExchangeLb.Admin.Commands;

/// <summary>
/// Splits a line into commands at `;` and commands into words at blanks. A backslash takes the next character as it is
/// (management.txt, 9.3).
/// </summary>
internal static class CommandLine
{
    /// <summary>Never empty: a line without words is one command without words. Words beyond the limit are left out.</summary>
    public static ImmutableArray<ImmutableArray<string>> Split(string line)
    {
        var commands = new List<ImmutableArray<string>>();
        var words = new List<string>();
        var word = new StringBuilder();
        bool inWord = false;

        void EndWord()
        {
            if (inWord && words.Count < CommandLimits.Words)
            {
                words.Add(word.ToString());
            }
            word.Clear();
            inWord = false;
        }

        for (int at = 0; at < line.Length; at++)
        {
            char c = line[at];
            if (c == '\\' && at + 1 < line.Length)
            {
                word.Append(line[++at]);
                inWord = true;
            }
            else if (c == ';')
            {
                EndWord();
                commands.Add([.. words]);
                words.Clear();
            }
            else if (c is ' ' or '\t' or '\r')
            {
                EndWord();
            }
            else
            {
                word.Append(c);
                inWord = true;
            }
        }
        EndWord();
        if (words.Count > 0 || commands.Count == 0)
        {
            commands.Add([.. words]);
        }
        return [.. commands];
    }
}
