using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Threading.Tasks;
using ExchangeLb.Admin.Commands;
using ExchangeLb.Admin.Http;
using ExchangeLb.Admin.Tests.Fakes;
using ExchangeLb.Admin.Text;
using ExchangeLb.Core.Model;
using Xunit;

namespace ExchangeLb.Admin.Tests.Haproxy;

/// <summary>The same question to HAProxy and to us.</summary>
public class SideBySideTests : IClassFixture<SideBySideTests.Running>
{
    /// <summary>Columns whose value, not only whose presence, must be HAProxy's: they tell state, place and configuration.</summary>
    private static readonly string[] SameValue =
    [
        "# pxname", "svname", "status", "act", "bck", "qlimit", "pid", "iid", "sid", "type", "check_status", "check_code", "last_chk",
        "check_desc", "check_rise", "check_fall", "check_health", "addr", "cookie", "mode", "algo", "throttle", "tracked",
    ];

    private static readonly string[] SameAnswer =
    [
        "get weight e2k13/unchecked",
        "get weight #3/#3",
        "get weight e2k13/nobody",
        "get weight nobody/nobody",
        "get weight",
        "set weight e2k13/passing",
        "set server",
        "set server e2k13",
        "set server e2k13/nobody state ready",
        "set server e2k13/passing state sleeping",
        "set server e2k13/passing health bad",
        "set server e2k13/passing weight",
        "set server e2k13/passing weight abc",
        "set server e2k13/passing weight 300",
        "set server e2k13/passing weight -1",
        "set server e2k13/passing weight 50%",
        "set server e2k13/passing weight 100%",
        "enable server",
        "disable server nobody/nobody",
        "enable health e2k13/unchecked",
        "disable health e2k13/nobody",
        "clear table",
        "clear table nobody",
        "clear table e2k13",
        "clear table e2k13 foo",
        "clear table e2k13 key",
        "clear table e2k13 key 192.0.2.1",
        "clear table e2k13 data.server_id eq 1",
        "clear table e2k13 data.nothing eq 1",
        "clear table e2k13 data.server_id is 1",
        "clear table e2k13 data.server_id eq one",
        "show table",
        "show table e2k13",
        "show table nobody",
        "show table e2k13 foo",
        "show table e2k13 key 192.0.2.1",
        "show servers state nobody",
        "show stat nobody 1 1",
        "show cli level",
        "show backend",
        "set timeout cli 3x",
        "clear counters",
    ];

    private readonly Running _running;

    public SideBySideTests(Running running) => _running = running;

    [HaproxyFact]
    public async Task The_same_fields_are_filled_and_states_have_the_same_words()
    {
        RealHaproxy real = _running.Haproxy;
        List<Dictionary<string, string>> theirs = Parse(await real.SettledStatisticsAsync());

        List<Dictionary<string, string>> ours = Parse(await AskUsAsync(real, "show stat"));

        Assert.Equal(theirs.Select(Name), ours.Select(Name));
        foreach ((Dictionary<string, string> their, Dictionary<string, string> our) in theirs.Zip(ours))
        {
            Assert.Equal($"{Name(their)}: {Filled(their)}", $"{Name(our)}: {Filled(our)}");
            Assert.Equal(SameValue.Select(column => $"{Name(their)} {column}={their[column].TrimStart('*', ' ')}"),
                SameValue.Select(column => $"{Name(our)} {column}={our[column]}"));
        }
    }

    [HaproxyFact]
    public async Task Commands_are_answered_in_the_same_words()
    {
        RealHaproxy real = _running.Haproxy;
        await real.SettledStatisticsAsync();
        var theirs = new List<string>();
        foreach (string command in SameAnswer)
        {
            theirs.Add($"{command}: {(await real.AskAsync(command)).TrimEnd('\n')}");
        }

        var ours = new List<string>();
        foreach (string command in SameAnswer)
        {
            ours.Add($"{command}: {(await AskUsAsync(real, command)).TrimEnd('\n')}");
        }

        Assert.Equal(theirs, ours);
    }

    [HaproxyFact]
    public async Task The_state_of_servers_is_told_in_the_same_numbers()
    {
        RealHaproxy real = _running.Haproxy;
        await real.SettledStatisticsAsync();

        // A check that is going on has no result yet (column 12 is 0): ask again.
        string theirs = await real.AskAsync("show servers state");
        for (int asked = 1; asked < 50 && CheckIsRunning(theirs); asked++)
        {
            await real.SettledStatisticsAsync();
            theirs = await real.AskAsync("show servers state");
        }

        Assert.Equal(WithoutTimes(theirs), WithoutTimes(await AskUsAsync(real, "show servers state")));
    }

    private static bool CheckIsRunning(string servers) => servers.Split('\n')
        .Select(line => line.Split(' '))
        .Any(fields => fields.Length > 12 && fields[3] is ("passing" or "refused") && fields[11] == "0");

    [HaproxyFact]
    public async Task Facts_about_the_process_have_the_same_names_in_the_same_order()
    {
        RealHaproxy real = _running.Haproxy;
        await real.SettledStatisticsAsync();
        List<string> theirs = Names(await real.AskAsync("show info"));

        List<string> ours = Names(await AskUsAsync(real, "show info"));

        Assert.Equal(theirs.Where(ours.Contains), ours.Where(theirs.Contains));
        Assert.Equal(["AcceptPauses", "ServerPortsExhausted"], ours.Except(theirs));
    }

    [HaproxyFact]
    public async Task A_user_is_denied_the_same()
    {
        RealHaproxy real = _running.Haproxy;
        await real.SettledStatisticsAsync();
        foreach (string command in new[] { "clear counters", "clear counters all", "set server e2k13/passing state drain", "set weight e2k13/passing 1" })
        {
            Assert.Equal(await real.AskAsync(command, "user"), await AskUsAsync(real, command, RuntimeLevel.User));
        }
    }

    [HaproxyFact]
    public async Task Requests_get_the_same_status()
    {
        RealHaproxy real = _running.Haproxy;
        await real.SettledStatisticsAsync();
        foreach (string line in new[]
        {
            "GET /st HTTP/1.1", "GET /st;csv HTTP/1.1", "GET /stx HTTP/1.0", "HEAD /st HTTP/1.1", "GET / HTTP/1.1", "GET http://a/st HTTP/1.1",
            "GET st HTTP/1.1", "GET * HTTP/1.1", "GET /st", "nonsense", "GET /st HTTP/1.x", "G(T /st HTTP/1.1", "OPTIONS / HTTP/1.1",
        })
        {
            string request = line + "\r\nConnection: close\r\n\r\n";

            string theirs = (await real.GetAsync(request)).Split(' ')[1];

            Assert.Equal($"{line}: {theirs}", $"{line}: {StatusOfOurs(request)}");
        }
    }

    private static int StatusOfOurs(string request)
    {
        HttpRequest? parsed = HttpRequestParser.Parse(System.Text.Encoding.Latin1.GetBytes(request), out int status);
        if (parsed is null)
        {
            return status;
        }
        var scene = Scene.Article(new StatsPageModel { Uri = "/st" });
        using HttpReply reply = StatsSite.Answer(parsed, scene.Proxies[0].Model, () => new FakeLoadBalancer(scene));
        return reply.Status;
    }

    private static async Task<string> AskUsAsync(RealHaproxy real, string line, RuntimeLevel level = RuntimeLevel.Admin)
    {
        using var output = new Utf8Writer();
        var session = new CommandSession(level, TimeSpan.FromSeconds(10));
        var call = new CommandCall([], SameScene.For(real), session, new FakeTime(), output, () => ValueTask.CompletedTask);
        foreach (ImmutableArray<string> words in CommandLine.Split(line))
        {
            await CommandRunner.RunAsync(call, words);
        }
        return output.ToString();
    }

    private static List<Dictionary<string, string>> Parse(string csv)
    {
        string[] lines = csv.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        string[] header = lines[0].TrimEnd(',').Split(',');
        return [.. lines.Skip(1).Select(line => header.Zip(line.Split(',')).ToDictionary(pair => pair.First, pair => pair.Second))];
    }

    private static string Name(Dictionary<string, string> row) => row["# pxname"] + "/" + row["svname"];

    private static string Filled(Dictionary<string, string> row) =>
        string.Join(' ', row.Where(pair => pair.Value.Length > 0).Select(pair => pair.Key));

    private static List<string> Names(string facts) => [.. facts.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(':')[0])];

    /// <summary>srv_time_since_last_change is the tenth word; bit 1 of srv_check_state says that a check is going on just now.</summary>
    private static IEnumerable<string> WithoutTimes(string state) => state.Split('\n').Select(line =>
    {
        string[] words = line.Split(' ');
        if (words.Length > 20 && words[0] != "#")
        {
            words[9] = "";
            words[13] = words[13] == "7" ? "6" : words[13];
        }
        return string.Join(' ', words);
    });

    /// <summary>One haproxy for all tests, started by the first that asks.</summary>
    public sealed class Running : IDisposable
    {
        private readonly Lazy<RealHaproxy> _haproxy = new(() => new RealHaproxy());

        internal RealHaproxy Haproxy => _haproxy.Value;

        public void Dispose()
        {
            if (_haproxy.IsValueCreated)
            {
                _haproxy.Value.Dispose();
            }
        }
    }
}
