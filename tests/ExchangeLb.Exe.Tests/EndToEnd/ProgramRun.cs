using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Text;
using ExchangeLb.Linux.Process;
using Xunit;

namespace ExchangeLb.Exe.Tests.EndToEnd;

/// <summary>A process of ExchangeLb or of HAProxy; killed at the latest when the test ends.</summary>
internal sealed class ProgramRun : IDisposable
{
    public const string Haproxy = "/usr/sbin/haproxy";

    private readonly System.Diagnostics.Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _error = new();

    private ProgramRun(System.Diagnostics.Process process)
    {
        _process = process;
        _process.OutputDataReceived += (_, line) => Append(_output, line.Data);
        _process.ErrorDataReceived += (_, line) => Append(_error, line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public static string ExchangeLb { get; } = Path.Combine(AppContext.BaseDirectory, "exchangelb");

    public int Pid => _process.Id;

    public bool HasExited => _process.HasExited;

    public string Output => Read(_output);

    public string Error => Read(_error);

    /// <summary>`[ALERT]`, ... once each.</summary>
    public IReadOnlyList<string> Severities =>
        [.. Error.Split('\n').Where(line => line.StartsWith('[')).Select(line => line[..(line.IndexOf(']', StringComparison.Ordinal) + 1)]).Distinct().Order(StringComparer.Ordinal)];

    public static ProgramRun Start(string program, string directory, IEnumerable<string> arguments, params (string Name, string Value)[] environment)
    {
        ProcessStartInfo start = new(program, arguments)
        {
            WorkingDirectory = directory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }
        return new(new() { StartInfo = start });
    }

    /// <summary>Runs to the end.</summary>
    public static ProgramRun Finish(string program, string directory, params string[] arguments)
    {
        ProgramRun run = Start(program, directory, arguments);
        _ = run.WaitExit();
        return run;
    }

    /// <summary>The exit code; 128 + n when signal n killed it.</summary>
    public int WaitExit()
    {
        Assert.True(_process.WaitForExit(TimeSpan.FromSeconds(20)), $"still running; it said: {Output}{Error}");
        _process.WaitForExit(); // and all that it wrote has been read
        return _process.ExitCode;
    }

    public void Send(Signal signal) => Assert.True(Signals.Send(Pid, signal));

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }
        _process.Dispose();
    }

    private static void Append(StringBuilder text, string? line)
    {
        lock (text)
        {
            if (line is not null)
            {
                text.Append(line).Append('\n');
            }
        }
    }

    private static string Read(StringBuilder text)
    {
        lock (text)
        {
            return text.ToString();
        }
    }
}
