using System;
using System.Diagnostics;
using System.Threading.Tasks;

namespace ExchangeLb.Lab.Tests.World;

/// <summary>A program that runs to its end.</summary>
internal static class Command
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    /// <summary>Standard output; throws with all that was said when the exit code is not 0.</summary>
    internal static string Run(string program, params string[] arguments)
    {
        Outcome outcome = Try(program, arguments);
        return outcome.ExitCode == 0
            ? outcome.Output
            : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: exit code {outcome.ExitCode}\n{outcome.Output}{outcome.Errors}");
    }

    internal static Outcome Try(string program, params string[] arguments) => Try(new ProcessStartInfo(program, arguments));

    internal static Outcome Try(ProcessStartInfo start)
    {
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(Limit))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{start.FileName} {string.Join(' ', start.ArgumentList)} did not end in {Limit}");
        }
        return new Outcome(process.ExitCode, output.Result, errors.Result);
    }

    internal sealed record Outcome(int ExitCode, string Output, string Errors);
}
