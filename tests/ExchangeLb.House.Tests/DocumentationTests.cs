using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Xunit;

namespace ExchangeLb.House.Tests;

/// <summary>What is written about the project names only what is there.</summary>
public sealed partial class DocumentationTests
{
    private static readonly Lazy<HashSet<string>> Identifiers = new(() =>
        [.. Repository.FilesWith(".cs").SelectMany(file => Identifier().Matches(Repository.Read(file))).Select(match => match.Value)]);

    public static TheoryData<string> Texts => [.. Repository.FilesWith(".md")];

    [Theory]
    [MemberData(nameof(Texts))]
    public void Every_link_leads_somewhere(string file)
    {
        MarkdownText text = new(file);

        Assert.DoesNotContain(text.Links, link => !LeadsSomewhere(text, link));
    }

    [Theory]
    [MemberData(nameof(Texts))]
    public void Every_path_that_is_named_exists(string file) =>
        Assert.DoesNotContain(new MarkdownText(file).NamedPaths, path => !Repository.Exists(path) && !IsMadeByARun(path));

    [Theory]
    [MemberData(nameof(Texts))]
    public void Every_name_of_the_code_that_is_named_exists(string file) =>
        Assert.DoesNotContain(new MarkdownText(file).NamedIdentifiers, name => !Identifiers.Value.Contains(name));

    [Theory]
    [MemberData(nameof(Texts))]
    public void Every_verb_of_the_lab_script_that_is_named_exists(string file)
    {
        string[] verbs = LabVerbs().Match(Repository.Read("vagrant/lab.sh")).Groups["verbs"].Value.Split(" | ");

        IEnumerable<string> named = NamedVerb().Matches(Repository.Read(file)).Select(match => match.Groups["verb"].Value);

        Assert.Empty(named.Except(verbs));
    }

    [Fact]
    public void The_two_commands_of_the_README_are_there_and_can_be_run()
    {
        string readme = Repository.Read("README.md");

        Assert.All(["vagrant/lab.sh", "tests/run.sh", ".ci/run"], script =>
        {
            Assert.True(File.GetUnixFileMode(Path.Combine(Repository.Root, script)).HasFlag(UnixFileMode.UserExecute), $"{script} cannot be run");
            Assert.True(script == ".ci/run" || readme.Contains($"sudo {script}", StringComparison.Ordinal), $"the README does not name {script}");
        });
    }

    /// <summary>A folder, written with its slash, that a script makes in an existing one.</summary>
    private static bool IsMadeByARun(string path) => path.EndsWith('/') && Repository.Exists(Path.GetDirectoryName(path.TrimEnd('/'))!);

    private static bool LeadsSomewhere(MarkdownText text, string link)
    {
        string[] parts = link.Split('#', 2);
        string target = parts[0].Length == 0 ? text.File : text.Resolve(parts[0]);
        return Repository.Exists(target)
            && (parts.Length == 1 || new MarkdownText(target).Anchors.Contains(parts[1]));
    }

    [GeneratedRegex(@"^    (?<verbs>up \| [a-z0-9 |]+)\) ;;", RegexOptions.Multiline)]
    private static partial Regex LabVerbs();

    [GeneratedRegex(@"[A-Za-z_]\w*")]
    private static partial Regex Identifier();

    [GeneratedRegex(@"lab\.sh (?<verb>[a-z]+)")]
    private static partial Regex NamedVerb();
}
