using System;
using System.Collections.Generic;
using System.IO;
using System.Threading;
using ExchangeLb.CommandLine;
using ExchangeLb.Core.Text;

namespace ExchangeLb.Messages;

/// <summary>
/// What the program says on its standard streams. The first warning or alert of a start is preceded by who speaks, as there may be more
/// than one such program on a host. The streams are opened at the first message: a start without any needs none. Any thread may call.
/// </summary>
internal sealed class StartMessages(Func<TextWriter> error, Func<TextWriter> output, int processId)
{
    private readonly Lock _speaking = new();
    private bool _introduced;
    private List<string>? _record;

    /// <summary>-q or `quiet`, and nothing that overrules them.</summary>
    public bool Silent { get; set; }

    /// <summary>Messages from now on are of a running process and need no introduction.</summary>
    public void Serving()
    {
        lock (_speaking)
        {
            _introduced = true;
        }
    }

    /// <summary>Says what it says, and also notes it, hidden or not, for somebody who asked: one message an item. For one thread.</summary>
    public StartMessages Recording(List<string> record) => new(error, output, processId) { _introduced = true, _record = record, Silent = Silent };

    public void Alert(string text) => Say(Severity.Alert, text);

    public void Warning(string text) => Say(Severity.Warning, text);

    public void Notice(string text) => Say(Severity.Notice, text);

    public void Say(Severity severity, string text)
    {
        _record?.Add(text);
        if (Silent)
        {
            return;
        }
        lock (_speaking)
        {
            if (severity != Severity.Notice && !_introduced)
            {
                _introduced = true;
                Write(Severity.Notice, $"exchangelb version is {VersionText.Version}");
                Write(Severity.Notice, $"path to executable is {Environment.ProcessPath}");
            }
            Write(severity, text);
        }
    }

    /// <summary>Plain words on standard output: the verdict of -c.</summary>
    public void Verdict(string text)
    {
        if (!Silent)
        {
            output().Write(text + "\n");
        }
    }

    private void Write(Severity severity, string text) => error().Write(MessageShape.Format(severity, processId, text));
}
