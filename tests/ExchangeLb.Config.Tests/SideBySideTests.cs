using System;
using System.Collections.Immutable;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Text;
using Xunit;

namespace ExchangeLb.Config.Tests;

/// <summary>
/// HAProxy 2.6 is the judge: for each configuration of the golden folder its verdict, whether it warns, and the lines of its alerts are
/// ours too. Where a file says `# differs (verdict, warnings, lines): reason`, exactly those must differ.
/// </summary>
public sealed partial class SideBySideTests
{
    public static TheoryData<string> Names => GoldenFolder.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public void Haproxy_judges_a_configuration_as_we_do(string name)
    {
        if (HaproxyVerdict.Executable is null)
        {
            Assert.False(Environment.GetEnvironmentVariable("CI") == "true", "haproxy is not installed; with CI=true it must be");
            return;
        }
        string file = Path.Combine(GoldenFolder.Path, $"{name}.cfg");
        ImmutableSortedSet<string> announced = Announced(File.ReadAllText(file));

        HaproxyVerdict theirs = HaproxyVerdict.Of(file, GoldenFolder.Environment);
        HaproxyVerdict ours = Ours(name);

        Assert.True(announced.SetEquals(Differences(ours, theirs)),
            $"announced: {string.Join(", ", announced)}; found: {string.Join(", ", Differences(ours, theirs))}\nours:\n{ours.Output}\ntheirs:\n{theirs.Output}");
    }

    private static HaproxyVerdict Ours(string name)
    {
        (LoadBalancerModel? model, DiagnosticList diagnostics) = GoldenFolder.Read(name);
        // Whether a configuration with warnings is run at all is for the program to say; here it is part of the verdict.
        bool accepted = model is not null && !(model.Global.ZeroWarning && diagnostics.HasWarnings);
        ImmutableSortedSet<int> lines = [.. diagnostics.Items.Where(item => item is { Severity: Severity.Alert, Place.Line: > 0 }).Select(item => item.Place!.Value.Line)];
        return new(accepted, diagnostics.HasWarnings, lines, GoldenFolder.Describe(name));
    }

    private static ImmutableSortedSet<string> Differences(HaproxyVerdict ours, HaproxyVerdict theirs)
    {
        ImmutableSortedSet<string> differences = [];
        differences = ours.Accepted == theirs.Accepted ? differences : differences.Add("verdict");
        differences = ours.Warned == theirs.Warned ? differences : differences.Add("warnings");
        // HAProxy's late checks name no line where ours do; where it names some, they must be these.
        bool sameLines = ours.AlertLines.SetEquals(theirs.AlertLines) || (theirs is { Accepted: false, AlertLines.IsEmpty: true } && !ours.Accepted);
        return sameLines ? differences : differences.Add("lines");
    }

    private static ImmutableSortedSet<string> Announced(string text)
    {
        Match match = Header().Match(text);
        return match.Success ? [.. match.Groups[1].Value.Split(',').Select(word => word.Trim())] : [];
    }

    [GeneratedRegex(@"\A\uFEFF?# differs \(([a-z, ]+)\): \S")]
    private static partial Regex Header();
}
