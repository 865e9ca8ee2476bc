using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.RegularExpressions;

namespace ExchangeLb.House.Tests;

/// <summary>What the tests need to know of one Markdown file.</summary>
internal sealed partial class MarkdownText(string file)
{
    private readonly string _text = Repository.Read(file);

    internal string File => file;

    /// <summary>Targets of [text](target), without those to other hosts.</summary>
    internal IEnumerable<string> Links => Link().Matches(WithoutCode()).Select(match => match.Groups["target"].Value).Where(target => !target.Contains("://", StringComparison.Ordinal));

    /// <summary>Paths of this repository that the text names, in prose and in commands.</summary>
    internal IEnumerable<string> NamedPaths => NamedPath().Matches(_text).Select(match => match.Value.TrimEnd('.', ',')).Distinct();

    /// <summary>`Names` and `Names.WithMembers` in the spelling of types, each part by itself.</summary>
    internal IEnumerable<string> NamedIdentifiers =>
        NamedIdentifier().Matches(_text).SelectMany(match => match.Groups["name"].Value.Split('.')).Where(name => name is not ("README" or "CHANGELOG")).Distinct();

    /// <summary>Anchors as a code host makes them: lower case, punctuation gone, spaces to hyphens.</summary>
    internal IEnumerable<string> Anchors => Heading().Matches(WithoutCode()).Select(match =>
        string.Concat(match.Groups["title"].Value.ToLowerInvariant().Where(letter => char.IsLetterOrDigit(letter) || letter is ' ' or '-' or '_')).Replace(' ', '-'));

    /// <summary>Code blocks: language (empty for indented ones) and text.</summary>
    internal IEnumerable<(string Language, string Code)> Blocks
    {
        get
        {
            StringBuilder? block = null;
            string language = "";
            foreach (string line in _text.Split('\n'))
            {
                bool fence = line.TrimStart().StartsWith("```", StringComparison.Ordinal);
                bool indented = line.StartsWith("    ", StringComparison.Ordinal) || line.Length == 0;
                if (block is null && (fence || (indented && line.Length > 0)))
                {
                    language = fence ? line.Trim().TrimStart('`') : "";
                    block = new StringBuilder(fence ? "" : line[4..] + "\n");
                }
                else if (block is not null && (fence || (language.Length == 0 && !indented)))
                {
                    yield return (language, block.ToString());
                    block = null;
                }
                else
                {
                    block?.Append(language.Length == 0 && line.Length > 4 ? line[4..] : line).Append('\n');
                }
            }
            if (block is not null) { yield return (language, block.ToString()); }
        }
    }

    internal IEnumerable<string> InlineCode => Inline().Matches(WithoutBlocks()).Select(match => match.Groups["code"].Value);

    internal string Resolve(string target) =>
        Path.GetRelativePath(Repository.Root, Path.GetFullPath(Path.Combine(Repository.Root, Path.GetDirectoryName(file)!, target)));

    private string WithoutBlocks() => Block().Replace(_text, "");

    private string WithoutCode() => Code().Replace(_text, "");

    [GeneratedRegex(@"\[[^\]]*\]\((?<target>[^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"(?<![\w./-])(vagrant|tests|scripts|src|cluster-config|packaging|\.ci)/[\w./-]+")]
    private static partial Regex NamedPath();

    [GeneratedRegex(@"`(?<name>[A-Z][A-Za-z0-9]*[a-z][A-Za-z0-9]*(\.[A-Z][A-Za-z0-9]+)?)`")]
    private static partial Regex NamedIdentifier();

    [GeneratedRegex(@"^#+ (?<title>.+?)\s*$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"^```.*?^```|`[^`\n]*`", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Code();

    [GeneratedRegex(@"^```.*?^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex(@"`(?<code>[^`\n]+)`")]
    private static partial Regex Inline();
}
