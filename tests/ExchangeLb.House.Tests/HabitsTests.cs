using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Xunit;

namespace ExchangeLb.House.Tests;

/// <summary>Habits that a machine can hold. The words that are looked for are put together here, so that this file does not find itself.</summary>
public sealed class HabitsTests
{
    private static readonly string[] Text = [".cs", ".md", ".sh", ".cfg", ".conf", ".csproj", ".props", ".txt", ".json", ".yml", ".sln", ""];

    private static readonly string[] EmptyNames = ["Manager", "Helper", "Helpers", "Util", "Utils", "Service", "Base", "Common"];

    [Fact]
    public void No_file_names_a_place_of_one_machine() =>
        AssertNowhere(Repository.FilesWith(Text), "/wo" + "rk/", "/fa" + "rm/", "/ro" + "ot/", "/ho" + "me/", "/tmp/w" + "-", "/tmp/br" + "ief");

    [Fact]
    public void Nothing_is_left_for_later() =>
        AssertNowhere(Repository.FilesWith(".cs", ".sh"), "TO" + "DO", "FIX" + "ME", "HA" + "CK:", "NotImplemented" + "Exception");

    /// <summary>To wait for ever, until killed, is another thing.</summary>
    [Fact]
    public void Tests_do_not_sleep() =>
        Assert.DoesNotContain(
            Lines(Repository.FilesWith(".cs").Where(file => file.Contains(".Tests/", StringComparison.Ordinal)), "Thread.Sle" + "ep(", "Task.De" + "lay("),
            line => !line.Contains("(Timeout.Infinite", StringComparison.Ordinal));

    [Fact]
    public void No_type_has_a_name_that_says_nothing() =>
        Assert.DoesNotContain(Repository.FilesWith(".cs"), file => EmptyNames.Any(name => Path.GetFileNameWithoutExtension(file).EndsWith(name, StringComparison.Ordinal)));

    /// <summary>A screen: what the project is for, what it must not know, where to begin.</summary>
    [Theory]
    [MemberData(nameof(ReferencesTests.Projects), MemberType = typeof(ReferencesTests))]
    public void A_project_has_a_README_of_at_most_a_screen(string project)
    {
        string readme = Path.Combine(Path.GetDirectoryName(project)!, "README.md");

        Assert.True(Repository.Exists(readme), $"{readme} is missing");
        Assert.InRange(Repository.Read(readme).Split('\n').Length, 5, 60);
    }

    [Fact]
    public void Namespace_is_folder() =>
        Assert.Empty(Repository.FilesWith(".cs")
            .Select(file => (File: file, Namespace: Repository.Read(file).Split('\n').FirstOrDefault(line => line.StartsWith("namespace ", StringComparison.Ordinal))))
            .Where(pair => pair.Namespace is not null && pair.Namespace.Trim() != $"namespace {NamespaceOf(pair.File)};")
            .Select(pair => $"{pair.File}: {pair.Namespace}"));

    /// <summary>The folders from that of the project on, with dots.</summary>
    private static string NamespaceOf(string file)
    {
        string[] folders = Path.GetDirectoryName(file)!.Split('/');
        return string.Join('.', folders.SkipWhile(folder => !folder.StartsWith("ExchangeLb", StringComparison.Ordinal)));
    }

    private static void AssertNowhere(IEnumerable<string> files, params string[] words) => Assert.Empty(Lines(files, words));

    private static IEnumerable<string> Lines(IEnumerable<string> files, params string[] words) =>
        from file in files
        from line in Repository.Read(file).Split('\n').Select((text, index) => (text, number: index + 1))
        from word in words
        where line.text.Contains(word, StringComparison.Ordinal)
        select $"{file}:{line.number}: {line.text.Trim()}";
}
