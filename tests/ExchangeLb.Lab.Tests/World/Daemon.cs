using System;
using System.Diagnostics;
using System.Text;

namespace ExchangeLb.Lab.Tests.World;

/// <summary>A program that runs inside a namespace until it is killed, with all its children.</summary>
internal sealed class Daemon : IDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _said = new();

    internal Daemon(ProcessStartInfo start)
    {
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Write(line.Data);
        _process.ErrorDataReceived += (_, line) => Write(line.Data);
        _process.Start();
        _process.StandardInput.Close();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    internal int Pid => _process.Id;

    internal bool Runs => !_process.HasExited;

    /// <summary>All that it wrote until now.</summary>
    internal string Said
    {
        get
        {
            lock (_said) { return _said.ToString(); }
        }
    }

    internal bool EndsWithin(TimeSpan limit) => _process.WaitForExit(limit);

    internal int ExitCode => _process.ExitCode;

    /// <summary>SIGKILL, to all of it.</summary>
    internal void Kill()
    {
        if (!_process.HasExited) { _process.Kill(entireProcessTree: true); }
        _process.WaitForExit();
    }

    public void Dispose()
    {
        Kill();
        _process.Dispose();
    }

    private void Write(string? line)
    {
        lock (_said) { _said.AppendLine(line); }
    }
}
