using System;
using System.Globalization;
using System.Text;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Core.Logging;

/// <summary>
/// Puts the frame of one log target around messages: priority, time, host, tag, and the target's longest line (configuration.txt,
/// 4.2 `log`), in HAProxy 2.6's forms. Immutable; made once per target and configuration.
/// </summary>
public sealed class SyslogLine
{
    private readonly LogTargetModel _target;

    /// <summary>What stands between the time and the message.</summary>
    private readonly byte[] _origin;

    /// <param name="target">Facility, format, levels and length.</param>
    /// <param name="global">Tag and host name.</param>
    /// <param name="pid">Of this process.</param>
    public SyslogLine(LogTargetModel target, GlobalModel global, int pid)
    {
        _target = target;
        string id = pid.ToString(CultureInfo.InvariantCulture);
        _origin = Encoding.UTF8.GetBytes(target.Format switch
        {
            LogFormat.Local when global.LogHostname is null => $" {global.LogTag}[{id}]: ",
            LogFormat.Local or LogFormat.Rfc3164 => $" {global.LogHostname ?? "localhost"} {global.LogTag}[{id}]: ",
            LogFormat.Rfc5424 => $" {global.LogHostname ?? "-"} {global.LogTag} {id} - - ",
            LogFormat.Timed or LogFormat.Iso => " ",
            _ => "",
        });
    }

    /// <summary>Bytes that a line takes at most: the target's `len` and the line end.</summary>
    public int MaxLength => _target.MaxLength + 1;

    /// <summary>Whether the target wants lines of this level.</summary>
    public bool Accepts(LogLevel level) => level <= _target.MaxLevel;

    /// <summary>Writes frame, message and line end; returns their length. Longer lines are cut at `len`.</summary>
    /// <param name="level">Raised to the target's minimum, that is made less severe, when it is below.</param>
    /// <param name="unixMicroseconds">Now, for the frame.</param>
    /// <param name="utcOffsetSeconds">Of local time, east positive.</param>
    /// <param name="destination">Of at least <see cref="MaxLength"/> bytes.</param>
    public int Write(LogLevel level, long unixMicroseconds, int utcOffsetSeconds, ReadOnlySpan<byte> message, Span<byte> destination)
    {
        LineWriter line = new(destination[.._target.MaxLength]);
        LogLevel sent = level < _target.MinLevel ? _target.MinLevel : level;
        AddPriority(ref line, sent);
        CivilTime time = new(unixMicroseconds, utcOffsetSeconds);
        switch (_target.Format)
        {
            case LogFormat.Local or LogFormat.Rfc3164:
                time.AddRfc3164(ref line);
                break;
            case LogFormat.Rfc5424 or LogFormat.Timed or LogFormat.Iso:
                time.AddIso(ref line);
                break;
        }
        line.Add(_origin);
        line.Add(message);
        destination[line.Length] = (byte)'\n';
        return line.Length + 1;
    }

    private void AddPriority(ref LineWriter line, LogLevel level)
    {
        switch (_target.Format)
        {
            case LogFormat.Iso or LogFormat.Raw:
                return;
            case LogFormat.Short or LogFormat.Timed:
                AddNumber(ref line, (int)level);
                return;
            case LogFormat.Rfc5424:
                AddNumber(ref line, (8 * _target.Facility) + (int)level);
                line.Add("1 "u8);
                return;
            default:
                AddNumber(ref line, (8 * _target.Facility) + (int)level);
                return;
        }
    }

    private static void AddNumber(ref LineWriter line, int number)
    {
        line.Add((byte)'<');
        line.Add((long)number);
        line.Add((byte)'>');
    }
}
