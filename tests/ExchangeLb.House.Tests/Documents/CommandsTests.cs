using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using ExchangeLb.CommandLine;
using ExchangeLb.Verbs;
using Xunit;

namespace ExchangeLb.House.Tests.Documents;

/// <summary>A command that is shown can be typed: the program's own readers take it.</summary>
public sealed class CommandsTests
{
    public static TheoryData<string> Texts => DocumentationTests.Texts;

    [Theory]
    [MemberData(nameof(Texts))]
    public void A_command_of_ours_that_is_shown_is_taken(string file) =>
        Assert.DoesNotContain(ShellText.CallsOf("exchangelb", new MarkdownText(file)), words => !IsTaken(words[1..]));

    [Theory]
    [MemberData(nameof(Texts))]
    public void A_block_of_shell_is_shell(string file) =>
        Assert.All(new MarkdownText(file).Blocks.Where(block => block.Language == "sh"), block => Assert.Equal("", ShellProblem(block.Code)));

    private static bool IsTaken(string[] words)
    {
        string[] plain = [.. words.Where(word => word != "…")];
        return VerbLine.IsVerb(plain)
            ? plain.Contains("--help") || VerbLine.Make().Parse(plain).Errors.Count == 0
            : plain is ["guard", ..] or ["VERB", ..] or ["-h"] || CommandLineReader.Read(plain) is not (CommandLineOutcome.ShowUsage or CommandLineOutcome.Refuse);
    }

    private static string ShellProblem(string code)
    {
        using Process shell = Process.Start(new ProcessStartInfo("bash", ["-n"]) { RedirectStandardInput = true, RedirectStandardError = true })!;
        shell.StandardInput.Write(code);
        shell.StandardInput.Close();
        string problem = shell.StandardError.ReadToEnd();
        shell.WaitForExit();
        return problem;
    }
}
