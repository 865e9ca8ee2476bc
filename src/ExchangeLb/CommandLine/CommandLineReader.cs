using System;
using System.Collections.Immutable;
using System.Globalization;
using ExchangeLb.Linux.Process;

namespace ExchangeLb.CommandLine;

/// <summary>
/// Reads flags as HAProxy 2.6 does: mostly by their first letter, so that "-cV" is "-c"; a flag that takes an argument takes the next
/// word, whatever it looks like. Different on purpose: numbers must be numbers, and a "-d" flag that HAProxy does not have is refused.
/// </summary>
internal sealed class CommandLineReader
{
    private const string NoSocketTransfer = "-x: taking listening sockets from an old process is known, not supported; without it both " +
        "processes listen side by side (SO_REUSEPORT) until the old one has been told to finish (-sf)";

    private readonly ReadOnlyMemory<string> _words;
    private int _next;
    private StartOptions _options = new();
    private CommandLineOutcome? _end;

    private CommandLineReader(string[] words) => _words = words;

    public static CommandLineOutcome Read(string[] words)
    {
        CommandLineReader reader = new(words);
        while (reader._end is null && reader._next < words.Length)
        {
            reader.ReadFlag(words[reader._next++]);
        }
        return reader._end ?? reader.Finish();
    }

    private CommandLineOutcome Finish() => _options switch
    {
        { Paths.IsEmpty: true } => new CommandLineOutcome.ShowUsage(),
        { ClusterFile: null, Units: true } => new CommandLineOutcome.Refuse("--units: without --cluster there is nothing that units could run"),
        { ClusterFile: null, Node: not null } => new CommandLineOutcome.Refuse("--node: without --cluster there are no nodes to choose from"),
        _ => new CommandLineOutcome.Start(_options),
    };

    private void ReadFlag(string word)
    {
        if (word.Length < 2 || word[0] != '-')
        {
            _end = new CommandLineOutcome.ShowUsage(word);
            return;
        }
        switch (word[1])
        {
            case 'v': _end = new CommandLineOutcome.ShowVersion(Details: word.Length > 2 && word[2] == 'v'); break;
            case 'd': ReadDebugFlag(word); break;
            case 'c' when word.Length > 2 && word[2] == 'c': Refuse("-cc: conditions are known, not supported"); break;
            case 'c': _options = _options with { Check = true }; break;
            case 'V': _options = _options with { Verbose = true }; break;
            case 'q': _options = _options with { Quiet = true }; break;
            case 'D': _options = _options with { Daemon = true }; break;
            case 'W': _options = _options with { MasterWorker = true, Foreground = _options.Foreground || word == "-Ws" }; break;
            case 's' when word is "-sf" or "-st": ReadOldProcesses(word); break;
            case 'x': Refuse(NoSocketTransfer); break;
            case 'S': Refuse("-S: a master CLI is known, not supported: there is no master process"); break;
            case '-' when word.Length == 2: ReadRestAsPaths(); break;
            case '-': ReadLongFlag(word); break;
            default: ReadWithArgument(word); break;
        }
    }

    private void ReadDebugFlag(string word)
    {
        switch (word)
        {
            case "-d": _options = _options with { Debug = true }; break;
            case "-db": _options = _options with { Foreground = true }; break;
            case "-dW": _options = _options with { ZeroWarning = true }; break;
            case "-de" or "-dp" or "-dS" or "-dG" or "-dR" or "-dL" or "-dr" or "-dV" or "-dD":
            case { } withValue when withValue.StartsWith("-dM", StringComparison.Ordinal)
                || withValue.StartsWith("-dK", StringComparison.Ordinal):
                _options = _options with { WithoutEffect = _options.WithoutEffect.Add(word) };
                break;
            default: _end = new CommandLineOutcome.ShowUsage(word); break;
        }
    }

    private void ReadWithArgument(string word)
    {
        char letter = word[1];
        if (!"CLNfmnp".Contains(letter, StringComparison.Ordinal))
        {
            _end = new CommandLineOutcome.ShowUsage(word);
            return;
        }
        if (_next == _words.Length)
        {
            Refuse($"{word}: an argument is missing");
            return;
        }
        string argument = _words.Span[_next++];
        switch (letter)
        {
            case 'C': _options = _options with { Directory = argument }; break;
            case 'L': _options = _options with { LocalPeer = argument }; break;
            case 'f': _options = _options with { Paths = _options.Paths.Add(argument) }; break;
            case 'p': _options = _options with { PidFile = argument }; break;
            case 'N': _options = _options with { ProxyMaxConn = Number(word, argument) }; break;
            case 'm': _options = _options with { MemoryMiB = Number(word, argument) }; break;
            case 'n': _options = _options with { MaxConn = Number(word, argument) }; break;
        }
    }

    /// <summary>Flags that HAProxy does not have are words, so that they can't be taken for one of its letters.</summary>
    private void ReadLongFlag(string word)
    {
        if (word is "--cluster" or "--node" or "--state")
        {
            if (_next == _words.Length || _words.Span[_next].Length == 0)
            {
                Refuse($"{word}: an argument is missing");
                return;
            }
            string argument = _words.Span[_next++];
            _options = word switch
            {
                "--cluster" => _options with { ClusterFile = argument },
                "--node" => _options with { Node = argument },
                _ => _options with { StateDirectory = argument },
            };
            return;
        }
        if (word == "--units")
        {
            _options = _options with { Units = true };
            return;
        }
        _end = word == "--help" ? new CommandLineOutcome.ShowHelp() : new CommandLineOutcome.ShowUsage(word);
    }

    /// <summary>Zero and less mean "not given", as in HAProxy.</summary>
    private int Number(string flag, string argument)
    {
        if (!int.TryParse(argument, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number))
        {
            // "-n -f x.cfg" has lost its number: usage, as there.
            _end = argument.StartsWith('-') ? new CommandLineOutcome.ShowUsage(argument) : new CommandLineOutcome.Refuse($"{flag}: '{argument}' is not a number");
        }
        return Math.Max(number, 0);
    }

    private void ReadOldProcesses(string word)
    {
        ImmutableArray<int>.Builder pids = _options.OldProcesses.ToBuilder();
        while (_next < _words.Length && !_words.Span[_next].StartsWith('-'))
        {
            string pid = _words.Span[_next++];
            if (!int.TryParse(pid.AsSpan().Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out int number) || number == 0)
            {
                Refuse($"{word}: '{pid}' is not a process id");
                return;
            }
            pids.Add(number);
        }
        _options = _options with
        {
            OldProcesses = pids.ToImmutable(),
            OldProcessSignal = word == "-sf" ? Signal.SIGUSR1 : Signal.SIGTERM,
        };
    }

    private void ReadRestAsPaths()
    {
        _options = _options with { Paths = _options.Paths.AddRange(_words.Span[_next..]) };
        _next = _words.Length;
    }

    private void Refuse(string message) => _end = new CommandLineOutcome.Refuse(message);
}
