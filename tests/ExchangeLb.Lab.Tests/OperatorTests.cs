using System;
using System.Linq;
using ExchangeLb.Lab.Tests.World;
using Xunit;

namespace ExchangeLb.Lab.Tests;

/// <summary>What an operator looks at: statistics page, CSV, stats socket, traffic log.</summary>
public sealed class OperatorTests(LabWorld world) : IClassFixture<LabWorld>, IDisposable
{
    public void Dispose() => world.MendServers();

    [LabFact]
    public void The_statistics_page_names_every_server_and_says_which_is_down()
    {
        using RunningBalancer balancer = new RunningBalancer(world, Configurations.Quick).Checked();

        string before = Page();
        world.KillServer(2);
        balancer.WaitForStatus("exchange2", "DOWN", Eventually.Seconds(30));
        string after = Page();

        Assert.Contains("<html", before, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("exchange1", before);
        Assert.Contains("exchange2", before);
        Assert.Contains("UP", before);
        Assert.True(after.Split("DOWN").Length > before.Split("DOWN").Length, "the page says no more often than before that something is DOWN");
    }

    [LabFact]
    public void The_counters_count_each_session_once()
    {
        using RunningBalancer balancer = new RunningBalancer(world, Configurations.Article).Checked();

        world.AskFromEach(51, 10);

        Eventually.Holds(Eventually.Seconds(30), () => balancer.Stats["e2k13", "FRONTEND", "stot"] == "10" && balancer.Stats["e2k13", "BACKEND", "scur"] == "0",
            () => $"frontend {balancer.Stats["e2k13", "FRONTEND", "stot"]}");
        Assert.Equal("5", balancer.Stats["e2k13", "exchange1", "stot"]);
        Assert.Equal("5", balancer.Stats["e2k13", "exchange2", "stot"]);
        Assert.Equal("10", balancer.Stats["e2k13", "BACKEND", "stot"]);
        Assert.Equal(balancer.Stats["e2k13", "FRONTEND", "bout"], balancer.Stats["e2k13", "BACKEND", "bout"]);
    }

    [LabFact]
    public void Each_session_makes_one_line_in_the_traffic_log()
    {
        using RunningBalancer balancer = new RunningBalancer(world, Configurations.Article).Checked();

        world.AskFromEach(51, 6);

        Eventually.Holds(Eventually.Seconds(30), () => balancer.Log.Sessions.Count(IsExchange) == 6, () => string.Join('\n', balancer.Log.Lines));
        Assert.All(balancer.Log.Sessions.Where(IsExchange), line => Assert.Equal("--", line.Code));
        Assert.Equal(Enumerable.Range(51, 6).Select(last => $"192.168.200.{last}"), balancer.Log.Sessions.Where(IsExchange).Select(line => line.Client).Order());
    }

    [LabFact]
    public void A_connection_without_a_byte_is_not_logged()
    {
        using RunningBalancer balancer = new RunningBalancer(world, Configurations.Article).Checked();

        world.Connect(51, 443).Dispose();
        world.Ask(52);

        balancer.Log.WaitForSession(line => line.Client == "192.168.200.52");
        Assert.DoesNotContain(balancer.Log.Sessions, line => IsExchange(line) && line.Client == "192.168.200.51");
    }

    [LabFact]
    public void The_stats_socket_tells_where_a_client_is_stuck()
    {
        using RunningBalancer balancer = new RunningBalancer(world, Configurations.Article).Checked();
        string server = world.Ask(51);

        string table = balancer.Command("show table e2k13");

        Assert.Contains(table.Split('\n'), line => line.Contains("key=192.168.200.51 ", StringComparison.Ordinal) && line.Contains($"server_id={server[^1]}", StringComparison.Ordinal));
    }

    [LabFact]
    public void A_server_in_maintenance_gets_no_client_until_it_is_ready_again()
    {
        using RunningBalancer balancer = new RunningBalancer(world, Configurations.Article).Checked();

        balancer.Command("set server e2k13/exchange1 state maint");
        Assert.All(world.AskFromEach(51, 4), answer => Assert.Equal("exchange2", answer));
        Assert.Equal("MAINT", balancer.Stats["e2k13", "exchange1", "status"]);

        balancer.Command("set server e2k13/exchange1 state ready");
        balancer.WaitForStatus("exchange1", "UP", Eventually.Seconds(30));
        Assert.Equal(["exchange1", "exchange2"], world.AskFromEach(61, 4).Distinct().Order());
    }

    private static bool IsExchange(SessionLine line) => line.Frontend == "e2k13";

    private string Page() => world.Client.Run("curl", "--silent", "--fail", "--noproxy", "*", $"http://{LabWorld.Service}/");
}
