using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;

namespace ExchangeLb.House.Tests.Documents;

/// <summary>Commands in a text for readers: lines of its code blocks and its inline code, taken apart as far as the documents need.</summary>
internal static partial class ShellText
{
    /// <summary>Each call of a program as its words, the program first: without prompt, `sudo`, `ssh HOST`, comments, redirections and what stands behind a pipe.</summary>
    internal static IEnumerable<string[]> CallsOf(string program, MarkdownText text) =>
        from line in Lines(text)
        from call in Separator().Split(WithoutComment(line))
        let words = Redirection().Replace(call, "").Split(' ', StringSplitOptions.RemoveEmptyEntries)
        let first = Array.FindIndex(words, word => !IsPrefix(word))
        where first >= 0
        let rest = words[first] == "ssh" ? words[(first + 2)..].SkipWhile(IsPrefix).ToArray() : words[first..]
        where rest.Length > 1 && rest[0] == program
        select rest;

    private static IEnumerable<string> Lines(MarkdownText text) => text.Blocks
        .Where(block => block.Language is "" or "sh")
        .SelectMany(block => block.Code.Replace("\\\n", " ", StringComparison.Ordinal).Split('\n'))
        .Concat(text.InlineCode);

    private static bool IsPrefix(string word) => word is "sudo" or "$" or "#";

    private static string WithoutComment(string line) => Comment().Replace(line, "");

    [GeneratedRegex(@"(^|\s+)#\s.*$")]
    private static partial Regex Comment();

    [GeneratedRegex(@"\|\||\||&&|;")]
    private static partial Regex Separator();

    [GeneratedRegex(@"\s\d?>{1,2}\s?\S+|\s<\s?\S+")]
    private static partial Regex Redirection();
}
