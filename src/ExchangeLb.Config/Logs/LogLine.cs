using System;
using System.Collections.Generic;
using System.Globalization;
using System.Net;
using ExchangeLb.Config.Keywords;
using ExchangeLb.Config.Values;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Config.Logs;

/// <summary>`log &lt;target&gt; [len N] [format F] &lt;facility&gt; [level [minlevel]]` (configuration.txt, 3.1 and 4.2 `log`).</summary>
internal static class LogLine
{
    public const string Syntax = "<address> [len <n>] [format <f>] <facility> [<level> [<minlevel>]]";

    private const int SyslogPort = 514;

    private static readonly string[] Facilities =
    [
        "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "auth2", "ftp", "ntp", "audit", "alert", "cron2",
        "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7",
    ];

    private static readonly string[] Levels = ["emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"];

    private static readonly Dictionary<string, LogFormat> Formats = new(StringComparer.Ordinal)
    {
        ["rfc3164"] = LogFormat.Rfc3164,
        ["rfc5424"] = LogFormat.Rfc5424,
        ["priority"] = LogFormat.Priority,
        ["short"] = LogFormat.Short,
        ["timed"] = LogFormat.Timed,
        ["iso"] = LogFormat.Iso,
        ["raw"] = LogFormat.Raw,
        ["local"] = LogFormat.Local,
    };

    /// <summary>Null after an alert. `log global` and `no log` are the caller's.</summary>
    public static LogTargetModel? Read(Arguments arguments)
    {
        if (arguments.Remaining < 2)
        {
            arguments.Alert("lacks an argument", $"write: log {Syntax}");
            return null;
        }
        LogTargetModel? target = ReadTarget(arguments.Take(), arguments);
        if (target is null || !ReadOptions(ref target, arguments))
        {
            return null;
        }
        string facility = arguments.Take();
        int code = Array.IndexOf(Facilities, facility);
        if (code < 0)
        {
            arguments.Alert($"has an unknown facility '{facility}'",
                NearestOr(facility, Facilities, "write one of syslog's: local0 to local7, daemon, …"));
            return null;
        }
        if (!ReadLevel(arguments, LogLevel.Debug, out LogLevel maximum) || !ReadLevel(arguments, LogLevel.Emerg, out LogLevel minimum))
        {
            return null;
        }
        return arguments.ExpectEnd() ? target with { Facility = code, MaxLevel = maximum, MinLevel = minimum } : null;
    }

    private static LogTargetModel? ReadTarget(string text, Arguments arguments)
    {
        switch (text)
        {
            case "stdout":
                return new(LogTargetKind.Stdout, arguments.Place) { Descriptor = 1 };
            case "stderr":
                return new(LogTargetKind.Stderr, arguments.Place) { Descriptor = 2 };
        }
        string? problem = AddressText.TryCut(text, out AddressText cut);
        if (problem is null && (text.StartsWith("tcp", StringComparison.Ordinal) && text.Contains('@', StringComparison.Ordinal)
            || cut.Kind == AddressTextKind.Unsupported || cut.Port == PortKind.Offset || cut.LowPort != cut.HighPort))
        {
            problem = $"has a target of a form that is known, but not supported: '{text}'";
        }
        if (problem is not null)
        {
            arguments.Alert(problem, "write an IP address with or without :port, a path as /dev/log, stdout, stderr or fd@<n>");
            return null;
        }
        return cut.Kind switch
        {
            AddressTextKind.UnixPath => new(LogTargetKind.UnixDatagram, arguments.Place) { Path = cut.Host },
            AddressTextKind.Descriptor =>
                new(LogTargetKind.Descriptor, arguments.Place) { Descriptor = int.Parse(cut.Host, CultureInfo.InvariantCulture) },
            _ => ReadUdp(cut, arguments),
        };
    }

    private static LogTargetModel? ReadUdp(AddressText cut, Arguments arguments)
    {
        IPAddress? address = cut.Host is "" or "*" ? IPAddress.Loopback : cut.Resolve(arguments.Context.Options.Resolve);
        if (address is null)
        {
            arguments.Alert($"has a host name that can't be resolved: '{cut.Host}'", "write an address");
            return null;
        }
        return new(LogTargetKind.Udp, arguments.Place) { Address = new(address, cut.LowPort == 0 ? SyslogPort : cut.LowPort) };
    }

    private static bool ReadOptions(ref LogTargetModel target, Arguments arguments)
    {
        while (true)
        {
            switch (arguments.Peek)
            {
                case "len":
                    arguments.Take();
                    if (!arguments.TryInteger(80, 65_535, out int length))
                    {
                        return false;
                    }
                    target = target with { MaxLength = length };
                    break;
                case "format":
                    arguments.Take();
                    string name = arguments.Take();
                    if (!Formats.TryGetValue(name, out LogFormat format))
                    {
                        arguments.Alert($"has an unknown format '{name}'",
                            NearestOr(name, Formats.Keys, $"write one of {string.Join(", ", Formats.Keys)}"));
                        return false;
                    }
                    target = target with { Format = format };
                    break;
                case "sample":
                    arguments.Alert("has 'sample', which is known, but not supported", "remove 'sample' and its argument");
                    return false;
                default:
                    return true;
            }
        }
    }

    private static bool ReadLevel(Arguments arguments, LogLevel otherwise, out LogLevel level)
    {
        level = otherwise;
        if (!arguments.HasMore)
        {
            return true;
        }
        string name = arguments.Take();
        int code = Array.IndexOf(Levels, name);
        if (code < 0)
        {
            arguments.Alert($"has an unknown level '{name}'", NearestOr(name, Levels, $"write one of {string.Join(", ", Levels)}"));
            return false;
        }
        level = (LogLevel)code;
        return true;
    }

    private static string NearestOr(string word, IEnumerable<string> known, string otherwise) =>
        NearestWord.Find(word, known) is { } nearest ? $"did you mean '{nearest}'?" : otherwise;
}
