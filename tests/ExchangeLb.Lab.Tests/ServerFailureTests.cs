using System;
using System.Linq;
using ExchangeLb.Lab.Tests.World;
using Xunit;

namespace ExchangeLb.Lab.Tests;

/// <summary>Servers that die, vanish and come back.</summary>
public sealed class ServerFailureTests(LabWorld world) : IClassFixture<LabWorld>, IDisposable
{
    private static readonly TimeSpan QuickBound = TimeSpan.FromMilliseconds(3 * 200);

    /// <summary>For a machine that does other things too.</summary>
    private static readonly TimeSpan Allowance = TimeSpan.FromSeconds(2);

    public void Dispose() => world.MendServers();

    [LabFact]
    public void A_killed_server_is_left_within_fall_times_inter_and_no_request_fails()
    {
        using RunningBalancer balancer = new RunningBalancer(world, Configurations.Quick).Checked();
        int stuck = ClientOf("exchange2");

        world.KillServer(2);
        balancer.WaitForStatus("exchange2", "DOWN", QuickBound + Allowance);

        Assert.Equal("exchange1", world.Ask(stuck));
        Assert.Equal("0", balancer.Log.WaitForSession(line => line.Client == $"192.168.200.{stuck}" && line.Server == "exchange1").Retries);    // nobody waits for a server known to be down
        Assert.All(world.AskFromEach(51, 12), answer => Assert.Equal("exchange1", answer));
    }

    [LabFact]
    public void With_the_articles_own_file_a_killed_server_is_left_in_six_seconds()
    {
        using RunningBalancer balancer = new RunningBalancer(world, Configurations.Article).Checked();

        world.KillServer(1);

        balancer.WaitForStatus("exchange1", "DOWN", TimeSpan.FromSeconds(3 * 2) + Allowance);
        Assert.Equal("exchange2", world.Ask(51));
    }

    [LabFact]
    public void A_request_that_meets_a_dead_server_before_the_checks_do_is_answered_by_the_other()
    {
        using RunningBalancer balancer = new RunningBalancer(world, Configurations.Article).Checked();
        int stuck = ClientOf("exchange2");

        world.KillServer(2);

        Assert.Equal("exchange1", world.Ask(stuck));
    }

    [LabFact]
    public void A_server_that_vanishes_from_the_network_is_left_too()
    {
        using RunningBalancer balancer = new RunningBalancer(world, Configurations.Quick).Checked();

        world.Exchange(2).Ip("link", "set", "eth0", "down");
        try
        {
            balancer.WaitForStatus("exchange2", "DOWN", QuickBound + QuickBound + Allowance);   // an attempt itself takes up to inter
            Assert.All(world.AskFromEach(51, 6), answer => Assert.Equal("exchange1", answer));
        }
        finally
        {
            world.Exchange(2).Ip("link", "set", "eth0", "up");
        }
        balancer.WaitForStatus("exchange2", "UP", Eventually.Seconds(30));
    }

    [LabFact]
    public void A_server_that_comes_back_gets_new_clients_and_keeps_away_from_those_who_have_left_it()
    {
        using RunningBalancer balancer = new RunningBalancer(world, Configurations.Quick).Checked();
        int stuck = ClientOf("exchange2");
        world.KillServer(2);
        balancer.WaitForStatus("exchange2", "DOWN", QuickBound + Allowance);
        Assert.Equal("exchange1", world.Ask(stuck));

        world.StartServer(2);
        balancer.WaitForStatus("exchange2", "UP", Eventually.Seconds(30));

        Assert.Equal(["exchange1", "exchange2"], world.AskFromEach(61, 4).Distinct().Order());
        Assert.Equal("exchange1", world.Ask(stuck));
    }

    [LabFact]
    public void Without_any_server_a_client_is_turned_away_at_once()
    {
        using RunningBalancer balancer = new RunningBalancer(world, Configurations.Quick.Replace("    option dontlognull", "", StringComparison.Ordinal)).Checked();
        world.KillServer(1);
        world.KillServer(2);
        balancer.WaitForStatus("exchange1", "DOWN", QuickBound + Allowance);
        balancer.WaitForStatus("exchange2", "DOWN", QuickBound + Allowance);

        string answer = world.Ask(51);

        Assert.StartsWith("curl:", answer);
        SessionLine line = balancer.Log.WaitForSession(line => line.Server == "<NOSRV>");
        Assert.Equal("SC", line.Code);
        Assert.InRange(line.TotalMs, 0, 999);
    }

    /// <summary>A client that is stuck to this server now.</summary>
    private int ClientOf(string server) => Enumerable.Range(51, 8).First(client => world.Ask(client) == server);
}
