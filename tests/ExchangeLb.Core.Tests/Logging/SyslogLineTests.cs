using System;
using System.Text;
using ExchangeLb.Core.Logging;
using ExchangeLb.Core.Model;
using Xunit;

namespace ExchangeLb.Core.Tests.Logging;

/// <summary>Frames as HAProxy 2.6.12 sent them to a UDP sink.</summary>
public sealed class SyslogLineTests
{
    private const int IndiaSeconds = 19_800;

    /// <summary>2026-11-22 12:40:42.808752 UTC.</summary>
    private const long Now = 1_795_351_242_808_752;

    private static readonly GlobalModel Global = new() { LogTag = "exlb" };

    [Theory]
    [InlineData(LogFormat.Local, "<142>Nov 22 12:40:42 exlb[10875]: hello\n")]
    [InlineData(LogFormat.Rfc3164, "<142>Nov 22 12:40:42 localhost exlb[10875]: hello\n")]
    [InlineData(LogFormat.Rfc5424, "<142>1 2026-11-22T12:40:42.808752+00:00 - exlb 10875 - - hello\n")]
    [InlineData(LogFormat.Priority, "<142>hello\n")]
    [InlineData(LogFormat.Short, "<6>hello\n")]
    [InlineData(LogFormat.Timed, "<6>2026-11-22T12:40:42.808752+00:00 hello\n")]
    [InlineData(LogFormat.Iso, "2026-11-22T12:40:42.808752+00:00 hello\n")]
    [InlineData(LogFormat.Raw, "hello\n")]
    public void Each_format_has_its_frame(LogFormat format, string line) =>
        Assert.Equal(line, Write(Target(format, facility: 17), Global, LogLevel.Info, "hello"));

    [Theory]
    [InlineData(LogFormat.Local, "<142>Nov 22 12:40:42 my.host.example exlb[10875]: hello\n")]
    [InlineData(LogFormat.Rfc3164, "<142>Nov 22 12:40:42 my.host.example exlb[10875]: hello\n")]
    [InlineData(LogFormat.Rfc5424, "<142>1 2026-11-22T12:40:42.808752+00:00 my.host.example exlb 10875 - - hello\n")]
    public void The_host_is_named_when_it_is_to_be_sent(LogFormat format, string line) =>
        Assert.Equal(line, Write(Target(format, 17), Global with { LogHostname = "my.host.example" }, LogLevel.Info, "hello"));

    [Theory]
    [InlineData(LogFormat.Rfc3164, IndiaSeconds, "<142>Nov 22 18:10:42 localhost exlb[10875]: x\n")]
    [InlineData(LogFormat.Iso, IndiaSeconds, "2026-11-22T18:10:42.808752+05:30 x\n")]
    [InlineData(LogFormat.Iso, -12_600, "2026-11-22T09:10:42.808752-03:30 x\n")]
    public void Times_are_local(LogFormat format, int offsetSeconds, string line) =>
        Assert.Equal(line, Write(Target(format, 17), Global, LogLevel.Info, "x", Now, offsetSeconds));

    [Fact]
    public void A_day_of_one_digit_has_a_space_before_it() =>
        Assert.Equal(
            "<142>Mar  5 00:00:00 localhost exlb[10875]: x\n",
            Write(Target(LogFormat.Rfc3164, 17), Global, LogLevel.Info, "x", 1_772_668_800_000_000));

    /// <summary>`len 80`, tag px, facility local7: 80 bytes and the line end, wherever the message then ends.</summary>
    [Theory]
    [InlineData(LogFormat.Rfc3164, "<190>Nov 22 12:40:42 my.host.example px[20487]: 127.0.0.1:41276 [22/Nov/2026:12:\n")]
    [InlineData(LogFormat.Rfc5424, "<190>1 2026-11-22T12:40:42.808752+00:00 my.host.example px 20487 - - 127.0.0.1:4\n")]
    [InlineData(LogFormat.Raw, "127.0.0.1:41276 [22/Nov/2026:12:52:34.985] abcdefghijklmnopqrstuvwxyz abcdefghij\n")]
    public void A_long_line_is_cut_at_the_targets_length(LogFormat format, string line)
    {
        const string Message = "127.0.0.1:41276 [22/Nov/2026:12:52:34.985] abcdefghijklmnopqrstuvwxyz abcdefghijklmnopqrstuvwxyz/srv";
        GlobalModel global = new() { LogTag = "px", LogHostname = "my.host.example" };

        string written = Write(Target(format, 23) with { MaxLength = 80 }, global, LogLevel.Info, Message, pid: 20_487);

        Assert.Equal(line, written);
        Assert.Equal(81, written.Length);
    }

    [Fact]
    public void A_frame_longer_than_the_target_allows_is_cut_too()
    {
        GlobalModel global = new() { LogTag = "px", LogHostname = new string('h', 200) };

        string written = Write(Target(LogFormat.Rfc3164, 23) with { MaxLength = 80 }, global, LogLevel.Info, "x");

        Assert.Equal(81, written.Length);
    }

    /// <summary>`log … local7 info err`: what is more severe than err is sent as err.</summary>
    [Theory]
    [InlineData(LogLevel.Emerg, "<187>x\n")]
    [InlineData(LogLevel.Alert, "<187>x\n")]
    [InlineData(LogLevel.Err, "<187>x\n")]
    [InlineData(LogLevel.Notice, "<189>x\n")]
    public void The_minimum_level_tones_down_what_is_more_severe(LogLevel level, string line) =>
        Assert.Equal(line, Write(Target(LogFormat.Priority, 23) with { MinLevel = LogLevel.Err }, Global, level, "x"));

    [Theory]
    [InlineData(LogLevel.Emerg, true)]
    [InlineData(LogLevel.Notice, true)]
    [InlineData(LogLevel.Info, false)]
    public void The_maximum_level_keeps_lines_away(LogLevel level, bool accepted) =>
        Assert.Equal(accepted, new SyslogLine(Target(LogFormat.Raw, 16) with { MaxLevel = LogLevel.Notice }, Global, 1).Accepts(level));

    [Theory]
    [InlineData(LogFormat.Rfc3164)]
    [InlineData(LogFormat.Rfc5424)]
    public void Writing_does_not_allocate(LogFormat format)
    {
        SyslogLine line = new(Target(format, 16), Global, 10_875);
        byte[] buffer = new byte[line.MaxLength];
        long now = Now;

        Allocation.AssertNone(() => line.Write(LogLevel.Info, now++, 3600, "hello"u8, buffer));
    }

    private static LogTargetModel Target(LogFormat format, int facility) =>
        new(LogTargetKind.Stdout, default) { Format = format, Facility = facility };

    private static string Write(
        LogTargetModel target, GlobalModel global, LogLevel level, string message, long now = Now, int offsetSeconds = 0, int pid = 10_875)
    {
        SyslogLine line = new(target, global, pid);
        byte[] buffer = new byte[line.MaxLength];
        int length = line.Write(level, now, offsetSeconds, Encoding.UTF8.GetBytes(message), buffer);
        return Encoding.UTF8.GetString(buffer, 0, length);
    }
}
