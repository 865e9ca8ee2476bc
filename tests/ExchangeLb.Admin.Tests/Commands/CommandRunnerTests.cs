using System;
using System.Collections.Immutable;
using System.Linq;
using System.Net;
using System.Threading.Tasks;
using ExchangeLb.Admin.Commands;
using ExchangeLb.Admin.Tests.Fakes;
using ExchangeLb.Admin.Text;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Runtime;
using Xunit;

namespace ExchangeLb.Admin.Tests.Commands;

public class CommandRunnerTests
{
    private static readonly string[] AskedByHatop =
    [
        "Name", "Version", "Release_date", "Nbproc", "Process_num", "Pid", "Uptime", "Maxconn", "CurrConns", "Maxpipes", "PipesUsed",
        "Tasks", "Run_queue", "node",
    ];

    private readonly FakeLoadBalancer _balancer = new(Scene.EveryState());
    private readonly CommandSession _session = new(RuntimeLevel.Admin, TimeSpan.FromSeconds(10));

    public CommandRunnerTests() => _balancer.Tables["e2k13"] =
    [
        new StickEntrySnapshot(IPAddress.Parse("10.0.0.1"), 1, "exchange1", TimeSpan.FromSeconds(5), 2),
        new StickEntrySnapshot(IPAddress.Parse("10.0.0.2"), 2, "exchange2", TimeSpan.FromSeconds(6), 0),
        new StickEntrySnapshot(IPAddress.Parse("10.0.0.3"), 9, "", null, 0),
    ];

    [Theory]
    [InlineData("set server e2k13/exchange1 state drain", "e2k13/exchange1 state Drain")]
    [InlineData("set server e2k13/exchange1 state maint", "e2k13/exchange1 state Maintenance")]
    [InlineData("set server #3/#2 state ready", "e2k13/exchange2 state Ready")]
    [InlineData("set server e2k13/exchange1 weight 7", "e2k13/exchange1 weight 7")]
    [InlineData("set server e2k13/exchange1 weight 300%", "e2k13/exchange1 weight 300%")]
    [InlineData("set weight e2k13/exchange1 50%", "e2k13/exchange1 weight 50%")]
    [InlineData("set server e2k13/exchange1 health down", "e2k13/exchange1 health Down")]
    [InlineData("set server e2k13/exchange1 health up", "e2k13/exchange1 health Up")]
    [InlineData("enable server e2k13/exchange5", "e2k13/exchange5 state Ready")]
    [InlineData("disable server e2k13/exchange5", "e2k13/exchange5 state Maintenance")]
    [InlineData("enable health e2k13/exchange1", "e2k13/exchange1 checks True")]
    [InlineData("disable health e2k13/exchange1", "e2k13/exchange1 checks False")]
    [InlineData("clear counters", "clear counters largest")]
    [InlineData("clear counters all", "clear counters all")]
    public async Task A_change_reaches_the_load_balancer_and_is_answered_by_an_empty_line(string line, string call)
    {
        string answer = await RunAsync(line);

        Assert.Equal("\n", answer);
        Assert.Equal([call], _balancer.Calls);
    }

    [Fact]
    public async Task What_was_changed_is_shown()
    {
        await RunAsync("set server e2k13/exchange1 weight 9");

        Assert.Equal("9 (initial 1)\n\n", await RunAsync("get weight e2k13/exchange1"));
    }

    [Theory]
    [InlineData("10.0.0.1", "0xa000001: key=10.0.0.1 use=2 exp=5000 server_id=1 server_key=exchange1\n")]
    [InlineData("10.0.0.3", "0xa000003: key=10.0.0.3 use=0 exp=0 server_id=9\n")]
    public async Task A_key_shows_its_entry(string key, string line)
    {
        Assert.Equal("# table: e2k13, type: ip, size:20480, used:3\n" + line + "\n", await RunAsync($"show table e2k13 key {key}"));
    }

    [Theory]
    [InlineData("show table e2k13", 3)]
    [InlineData("show table e2k13 data.server_id eq 1", 1)]
    [InlineData("show table e2k13 data.server_id ge 2 data.server_id lt 9", 1)]
    [InlineData("show table e2k13 data.server_id gt 100", 0)]
    public async Task Entries_are_filtered(string line, int count)
    {
        string answer = await RunAsync(line);

        Assert.StartsWith("# table: e2k13, type: ip, size:20480, used:3\n", answer, StringComparison.Ordinal);
        Assert.Equal(count, answer.Split('\n').Count(entry => entry.Contains("key=", StringComparison.Ordinal) && entry.StartsWith("0x", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("clear table e2k13", "")]
    [InlineData("clear table e2k13 key 10.0.0.2", "1,9")]
    [InlineData("clear table e2k13 data.server_id ne 2", "2")]
    [InlineData("clear table e2k13 data.server_id eq 0", "1,2,9")]
    public async Task Entries_are_removed(string line, string left)
    {
        Assert.Equal("\n", await RunAsync(line));
        Assert.Equal(left, string.Join(',', _balancer.Tables["e2k13"].Select(entry => entry.ServerId)));
    }

    [Theory]
    [InlineData("show table e2k13 key 10.0.0.2")]
    [InlineData("clear table e2k13 key 10.0.0.2")]
    [InlineData("clear table e2k13")]
    [InlineData("clear table nobody")]
    public async Task What_asks_for_one_key_or_none_does_not_read_the_table(string line)
    {
        await RunAsync(line);

        Assert.Equal(0, _balancer.EntriesReadTimes);
    }

    [Theory]
    [InlineData("show stat 3 2 -1", "e2k13/BACKEND")]
    [InlineData("show stat e2k13 4 3", "e2k13/exchange3")]
    [InlineData("show stat -1 1 -1", "stats/FRONTEND,e2k13/FRONTEND,smtp/FRONTEND")]
    [InlineData("show stat 99 7 -1", "")]
    public async Task Rows_of_the_statistics_are_chosen(string line, string rows)
    {
        string[] lines = (await RunAsync(line)).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal(rows, string.Join(',', lines.Skip(1).Select(row => string.Join('/', row.Split(',').Take(2)))));
    }

    [Theory]
    [InlineData("show stat json")]
    [InlineData("show info typed")]
    [InlineData("show errors")]
    [InlineData("shutdown sessions server e2k13/exchange1")]
    [InlineData("set maxconn server e2k13/full 5")]
    [InlineData("set server e2k13/exchange1 addr 192.0.2.9")]
    [InlineData("set server e2k13/exchange1 health stopping")]
    public async Task What_HAProxy_has_and_we_have_not_is_refused_by_name(string line)
    {
        string answer = await RunAsync(line);

        Assert.Contains("is not supported by ExchangeLb", answer, StringComparison.Ordinal);
        Assert.Empty(_balancer.Calls);
    }

    [Theory]
    [InlineData(RuntimeLevel.User, "clear counters", false)]
    [InlineData(RuntimeLevel.User, "clear table e2k13", false)]
    [InlineData(RuntimeLevel.User, "set server e2k13/exchange1 state drain", false)]
    [InlineData(RuntimeLevel.User, "operator", false)]
    [InlineData(RuntimeLevel.User, "show stat", true)]
    [InlineData(RuntimeLevel.User, "get weight e2k13/exchange1", true)]
    [InlineData(RuntimeLevel.Operator, "clear counters", true)]
    [InlineData(RuntimeLevel.Operator, "clear counters all", false)]
    [InlineData(RuntimeLevel.Operator, "disable server e2k13/exchange1", false)]
    [InlineData(RuntimeLevel.Admin, "clear counters all", true)]
    public async Task A_level_allows_what_it_should(RuntimeLevel level, string line, bool allowed)
    {
        _session.LowerTo(level);

        string answer = await RunAsync(line);

        Assert.Equal(allowed, answer != "Permission denied\n\n");
        Assert.True(allowed || _balancer.Calls.Count == 0);
    }

    [Fact]
    public async Task A_level_is_lowered_and_not_raised_again()
    {
        await RunAsync("user");
        await RunAsync("operator");

        Assert.Equal("user\n\n", await RunAsync("show cli level"));
    }

    [Theory]
    [InlineData("set timeout cli 30", 30)]
    [InlineData("set timeout cli 2m", 120)]
    [InlineData("set timeout cli 0", 10)]
    [InlineData("set timeout cli 3x", 10)]
    [InlineData("set timeout cli 99999999999", 10)]
    public async Task The_idle_timeout_is_changed_within_reason(string line, int seconds)
    {
        await RunAsync(line);

        Assert.Equal(TimeSpan.FromSeconds(seconds), _session.IdleTimeout);
    }

    [Fact]
    public async Task Help_shows_what_the_level_allows()
    {
        _session.LowerTo(RuntimeLevel.User);

        string help = await RunAsync("help");

        Assert.Contains("  show stat", help, StringComparison.Ordinal);
        Assert.DoesNotContain("set server", help, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_nobody_knows_is_answered_with_what_resembles_it()
    {
        string answer = await RunAsync("show stet");

        Assert.StartsWith("Unknown command, but maybe one of the following ones is a better match:\n", answer, StringComparison.Ordinal);
        Assert.Contains("  show stat", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("set server", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Facts_about_the_process_are_those_that_hatop_insists_on()
    {
        string[] names = [.. (await RunAsync("show info")).Split('\n').Select(line => line.Split(':')[0])];

        Assert.Empty(AskedByHatop.Except(names));
    }

    [Fact]
    public void No_keyword_is_both_there_and_refused()
    {
        Assert.DoesNotContain(CommandTable.All, command => CommandTable.FindRefused([.. command.Words]) is not null);
        Assert.Equal(CommandTable.All.Length, CommandTable.All.Select(command => command.Keyword).Distinct().Count());
    }

    private async Task<string> RunAsync(string line)
    {
        using var output = new Utf8Writer();
        var call = new CommandCall([], _balancer, _session, new FakeTime(), output, () => ValueTask.CompletedTask);
        foreach (ImmutableArray<string> words in CommandLine.Split(line))
        {
            await CommandRunner.RunAsync(call, words);
        }
        return output.ToString();
    }
}
