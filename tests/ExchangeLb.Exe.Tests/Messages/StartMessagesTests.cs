using System;
using System.IO;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Text;
using ExchangeLb.Messages;
using Xunit;

namespace ExchangeLb.Exe.Tests.Messages;

public sealed class StartMessagesTests : IDisposable
{
    private readonly StringWriter _error = new();
    private readonly StringWriter _output = new();

    public void Dispose()
    {
        _error.Dispose();
        _output.Dispose();
    }

    [Theory]
    [InlineData(Severity.Alert, "[ALERT]    (7) : x\n")]
    [InlineData(Severity.Warning, "[WARNING]  (7) : x\n")]
    [InlineData(Severity.Notice, "[NOTICE]   (7) : x\n")]
    public void A_message_has_the_columns_of_HAProxys(Severity severity, string expected) =>
        Assert.Equal(expected, MessageShape.Format(severity, 7, "x"));

    [Fact]
    public void Further_lines_are_indented_behind_a_bar() =>
        Assert.Equal("[ALERT]    (7) : a\n   | b\n   | c\n", MessageShape.Format(Severity.Alert, 7, "a\nb\nc\n"));

    [Theory]
    [InlineData("h.cfg", 3, "config : parsing [h.cfg:3] : x")]
    [InlineData("h.cfg", 0, "config : [h.cfg] : x")]
    [InlineData(null, 0, "config : x")]
    public void A_message_about_the_configuration_tells_its_place(string? file, int line, string expected) =>
        Assert.Equal(expected, MessageShape.FormatConfiguration(new(Severity.Alert, file is null ? null : new SourcePlace(file, line), "x")));

    [Fact]
    public void The_first_warning_or_alert_is_preceded_by_who_speaks_and_only_the_first()
    {
        StartMessages messages = Speaking();

        messages.Notice("before");
        messages.Warning("one");
        messages.Alert("two");

        string[] lines = _error.ToString().TrimEnd('\n').Split('\n');
        Assert.Equal(5, lines.Length);
        Assert.Equal("[NOTICE]   (7) : before", lines[0]);
        Assert.StartsWith("[NOTICE]   (7) : exchangelb version is ", lines[1], StringComparison.Ordinal);
        Assert.StartsWith("[NOTICE]   (7) : path to executable is /", lines[2], StringComparison.Ordinal);
        Assert.Equal("[WARNING]  (7) : one", lines[3]);
        Assert.Equal("[ALERT]    (7) : two", lines[4]);
    }

    [Fact]
    public void A_running_process_needs_no_introduction()
    {
        StartMessages messages = Speaking();

        messages.Serving();
        messages.Warning("one");

        Assert.Equal("[WARNING]  (7) : one\n", _error.ToString());
    }

    [Fact]
    public void Nothing_is_said_when_silent()
    {
        StartMessages messages = Speaking();
        messages.Silent = true;

        messages.Alert("one");
        messages.Verdict("two");

        Assert.Empty(_error.ToString());
        Assert.Empty(_output.ToString());
    }

    private StartMessages Speaking() => new(() => _error, () => _output, 7);
}
