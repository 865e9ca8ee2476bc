using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using ExchangeLb.Lab.Tests.World;
using Xunit;

namespace ExchangeLb.Lab.Tests;

/// <summary>The same happens to ExchangeLb and to the distribution's HAProxy; what an operator sees of it must be the same.</summary>
public sealed class SideBySideTests(LabWorld world) : IClassFixture<LabWorld>, IDisposable
{
    /// <summary>Columns that tell of events and states, not of time, process or peaks.</summary>
    private static readonly string[] Compared =
    [
        "pxname", "svname", "qcur", "scur", "slim", "stot", "dreq", "dresp", "ereq", "econ", "eresp", "wretr", "wredis", "status", "weight", "act", "bck",
        "chkdown", "iid", "sid", "lbtot", "type", "check_status", "cli_abrt", "srv_abrt", "mode", "algo",
    ];

    public void Dispose() => world.MendServers();

    [LabFact]
    public void The_same_clients_get_the_same_servers_in_the_same_order() => Compare(Configurations.Article, balancer =>
    {
        balancer.Checked();
        return [.. world.AskFromEach(51, 10), .. world.AskFromEach(55, 10), .. world.AskFromEach(51, 16)];
    });

    [LabFact]
    public void Weights_give_the_same_shares() =>
        Compare(Configurations.Article.Replace("103:443 check", "103:443 check weight 3", StringComparison.Ordinal), balancer =>
        {
            balancer.Checked();
            return [.. world.AskFromEach(51, 16).GroupBy(server => server).Select(group => $"{group.Key} {group.Count()}").Order()];
        });

    [LabFact]
    public void The_CSV_has_the_same_columns_in_the_same_order() => Compare(Configurations.Article, balancer => balancer.Stats.Columns);

    [LabFact]
    public void The_CSV_tells_the_same_of_traffic_and_failure() => Compare(Configurations.Quick, balancer =>
    {
        List<string> seen = [];
        balancer.Checked();
        world.AskFromEach(51, 6);
        seen.AddRange(Rows(balancer));
        world.KillServer(2);
        balancer.WaitForStatus("exchange2", "DOWN", Eventually.Seconds(30));
        seen.AddRange(world.AskFromEach(51, 8));
        seen.AddRange(Rows(balancer));
        world.StartServer(2);
        balancer.WaitForStatus("exchange2", "UP", Eventually.Seconds(30));
        balancer.Command("set server e2k13/exchange1 state drain");
        seen.AddRange(world.AskFromEach(60, 4));
        seen.AddRange(Rows(balancer));
        return seen;
    });

    [LabFact]
    public void Sessions_end_with_the_same_codes() => Compare(Endings, balancer =>
    {
        using PlainServer echo = new(world.Exchange(1), new IPEndPoint(IPAddress.Any, 7001), PlainServer.Echo);
        using PlainServer reset = new(world.Exchange(1), new IPEndPoint(IPAddress.Any, 7004), PlainServer.AnswerThenReset);
        using PlainServer silent = new(world.Exchange(1), new IPEndPoint(IPAddress.Any, 7005), PlainServer.SayNothing);

        balancer.WaitForNoStatsConnection();       // it would count as one of the process's

        Ends("normal", 7001, client => { client.Send("hello"u8); client.Receive(new byte[5]); client.Shutdown(SocketShutdown.Send); });
        Ends("refused", 7002, client => client.Send("hello"u8));
        Ends("clientreset", 7003, client => { client.Send("hello"u8); client.Receive(new byte[5]); PlainServer.Reset(client); });
        Ends("serverreset", 7004, PlainServer.ProvokeReset);
        Ends("clientsilent", 7005, client => client.Send("hello"u8));
        Ends("serversilent", 7006, client => client.Send("hello"u8));
        Ends("noserver", 7007, client => client.Send("hello"u8));
        using (Socket first = world.Connect(51, 7008))
        {
            first.Send("first"u8);
            first.Receive(new byte[5]);
            Ends("queued", 7008, client => client.Send("hello"u8));
        }
        balancer.Log.WaitForSession(line => line.Frontend == "queued" && line.Client == "192.168.200.51");
        return [.. balancer.Log.Sessions.Where(line => line.Frontend != "stats").Select(line => line.ToString())];

        void Ends(string frontend, int port, Action<Socket> act)
        {
            using (Socket client = world.Connect(52, port))
            {
                act(client);
                if (client.SafeHandle is { IsClosed: false }) { PlainServer.WaitForTheEnd(client); }
            }
            balancer.Log.WaitForSession(line => line.Frontend == frontend && line.Client == "192.168.200.52");
        }
    });

    [LabFact]
    public void Servers_that_change_state_are_logged_with_the_same_words() => Compare(Configurations.Quick, balancer =>
    {
        balancer.Checked();
        world.KillServer(1);
        balancer.WaitForStatus("exchange1", "DOWN", Eventually.Seconds(30));
        world.StartServer(1);
        balancer.WaitForStatus("exchange1", "UP", Eventually.Seconds(30));
        Eventually.Holds(Eventually.Seconds(30), () => balancer.Log.Lines.Count(IsServerState) == 2, () => string.Join('\n', balancer.Log.Lines));
        return [.. balancer.Log.Lines.Where(IsServerState).Select(WithoutTimes)];
    });

    /// <summary>A section for each way to end, with nothing but what it needs.</summary>
    private static string Endings { get; } = Configurations.Article + string.Concat(
        Section("normal", 7001, 7001),
        Section("refused", 7002, 7002, "retries 0", "no option redispatch"),
        Section("clientreset", 7003, 7001),
        Section("serverreset", 7004, 7004),
        Section("clientsilent", 7005, 7005, "timeout client 300ms", "timeout server 1s"),
        Section("serversilent", 7006, 7005, "timeout server 300ms", "timeout client 1s"),
        Section("noserver", 7007, 7001, "default-server disabled"),
        Section("queued", 7008, 7001, "timeout queue 300ms", "default-server maxconn 1"));

    private static string Section(string name, int port, int serverPort, params string[] lines) =>
        $"\nlisten {name}\n    bind {LabWorld.Service}:{port}\n    mode tcp\n    no option dontlognull\n{string.Concat(lines.Select(line => $"    {line}\n"))}    server one 192.168.200.103:{serverPort}\n";

    private static IEnumerable<string> Rows(RunningBalancer balancer)
    {
        Eventually.Holds(Eventually.Seconds(30), () => balancer.Stats["e2k13", "FRONTEND", "scur"] == "0", () => "sessions go on");
        StatsTable stats = balancer.Stats;
        return stats.Rows.Where(row => row[0] != "stats").Select(row =>
            string.Join(' ', Compared.Select(column => $"{column}={stats[row[0], row[1], column].TrimStart('*', ' ')}")));
    }

    private static bool IsServerState(string line) => line.Contains("Server e2k13/exchange1 is ", StringComparison.Ordinal);

    private static string WithoutTimes(string line)
    {
        string text = line[(line.IndexOf(": ", StringComparison.Ordinal) + 2)..];
        return string.Concat(line.TakeWhile(character => character != '>')) + " " + System.Text.RegularExpressions.Regex.Replace(text, @"check duration: \d+ms", "check duration: Nms");
    }

    private void Compare(string configuration, Func<RunningBalancer, IReadOnlyList<string>> scenario)
    {
        IReadOnlyList<string> expected = Run("haproxy");
        IReadOnlyList<string> actual = Run(RunningBalancer.Tested);
        if (!expected.SequenceEqual(actual))
        {
            string[] differences = [.. expected.Zip(actual).Where(pair => pair.First != pair.Second).Select(pair => $"HAProxy:  {pair.First}\nhere:     {pair.Second}").Take(8)];
            Assert.Fail($"{expected.Count} and {actual.Count} observations; they differ in:\n{string.Join('\n', differences)}");
        }

        IReadOnlyList<string> Run(string program)
        {
            world.MendServers();
            using RunningBalancer balancer = new(world, configuration, program);
            return scenario(balancer);
        }
    }
}
