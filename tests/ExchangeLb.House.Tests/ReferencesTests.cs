using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Xml.Linq;
using Xunit;

namespace ExchangeLb.House.Tests;

/// <summary>The drawing of src/README.md, held against the project files: arrows go down only.</summary>
public sealed class ReferencesTests
{
    /// <summary>Every project under src and what it may refer to. A project that is not here must be put here first.</summary>
    private static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        ["ExchangeLb"] = ["ExchangeLb.Config", "ExchangeLb.Proxy", "ExchangeLb.Cluster", "ExchangeLb.Admin", "ExchangeLb.Core", "ExchangeLb.Linux"],
        ["ExchangeLb.Config"] = ["ExchangeLb.Core", "ExchangeLb.Linux"],
        ["ExchangeLb.Proxy"] = ["ExchangeLb.Core", "ExchangeLb.Linux"],
        ["ExchangeLb.Cluster"] = ["ExchangeLb.Core", "ExchangeLb.Linux"],
        ["ExchangeLb.Admin"] = ["ExchangeLb.Core", "ExchangeLb.Linux"],
        ["ExchangeLb.Core"] = [],
        ["ExchangeLb.Linux"] = [],
    };

    public static TheoryData<string> Projects => [.. Repository.FilesWith(".csproj").Where(file => file.StartsWith("src/", StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_refers_only_to_what_the_drawing_allows(string file)
    {
        string project = Path.GetFileNameWithoutExtension(file);
        Assert.True(Allowed.TryGetValue(project, out string[]? allowed), $"{project} is not in the drawing");

        IEnumerable<string> others = Items(file, "ProjectReference")
            .Select(reference => Path.GetFileNameWithoutExtension(reference.Replace('\\', '/')))
            .Except(allowed!);

        Assert.Empty(others);
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void Only_Linux_has_unsafe_code(string file)
    {
        bool allowed = Property(file, "AllowUnsafeBlocks").Any(value => !value.Equals("false", StringComparison.OrdinalIgnoreCase));

        Assert.Equal(Path.GetFileNameWithoutExtension(file) == "ExchangeLb.Linux", allowed);
    }

    [Fact]
    public void No_rule_of_a_whole_folder_allows_unsafe_code() =>
        Assert.All(Repository.FilesWith(".props", ".targets"), file => Assert.Empty(Property(file, "AllowUnsafeBlocks")));

    [Fact]
    public void Decisions_have_no_clock_of_their_own() =>
        Assert.All(["ExchangeLb.Core", "ExchangeLb.Cluster"], project =>
            Assert.Contains(Items($"src/{project}/{project}.csproj", "AdditionalFiles"), include => include.EndsWith("BannedClocks.txt", StringComparison.Ordinal)));

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_is_in_the_solution(string file) =>
        Assert.Contains(file.Replace('/', '\\'), Repository.Read("ExchangeLb.sln"), StringComparison.Ordinal);

    [Fact]
    public void Every_test_project_is_in_the_solution() =>
        Assert.All(Repository.FilesWith(".csproj").Where(file => file.StartsWith("tests/", StringComparison.Ordinal)), A_project_is_in_the_solution);

    private static IEnumerable<string> Items(string file, string name) =>
        XDocument.Parse(Repository.Read(file)).Descendants(name).Select(item => (string?)item.Attribute("Include") ?? "");

    private static IEnumerable<string> Property(string file, string name) => XDocument.Parse(Repository.Read(file)).Descendants(name).Select(item => item.Value.Trim());
}
