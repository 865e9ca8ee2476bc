using System;
using System.Linq;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Runtime;
using ExchangeLb.Proxy.Backends;
using FsCheck.Xunit;
using Xunit;

namespace ExchangeLb.Proxy.Tests.Backends;

public sealed class BackendStateTests
{
    /// <summary>
    /// Sessions come, end and give up, servers go down, come up and change weight, configurations with other servers come, in any order;
    /// see <see cref="BackendWorld"/>.
    /// </summary>
    [Property(MaxTest = 200)]
    public void No_server_is_overfull_no_line_is_jumped_nobody_is_lost(int seed)
    {
        var random = new Random(seed);
        BalanceKind[] kinds = Enum.GetValues<BalanceKind>();
        using var world = new BackendWorld(kinds[random.Next(kinds.Length)], random.Next(1, 4), random.Next(1, 4), random.Next(0, 3));
        for (int step = 0; step < 300; step++)
        {
            switch (random.Next(12))
            {
                case < 4:
                    ServerState server = world.Servers[random.Next(world.Servers.Count)];
                    world.Come(random.Next(3) == 0 && server.ServesStuck ? server : null);
                    break;
                case < 7 when world.Served.Count > 0:
                    world.Finish(world.Served.ElementAt(random.Next(world.Served.Count)));
                    break;
                case 7 when world.Waiting > 0:
                    world.GiveUp(world.WaitingTickets[random.Next(world.Waiting)]);
                    break;
                case 8:
                    ServerHealth health = random.Next(3) == 0 ? ServerHealth.Down : ServerHealth.Up;
                    world.Change(world.Servers[random.Next(world.Servers.Count)], health, random.Next(4));
                    break;
                case 9 when random.Next(3) == 0:
                    ServerState[] stay = [.. world.Servers.OrderBy(_ => random.Next()).Take(random.Next(world.Servers.Count + 1))];
                    BalanceKind kind = kinds[random.Next(kinds.Length)];
                    world.Reload(kind, stay, random.Next(0, 3), random.Next(stay.Length == 0 ? 1 : 0, 3));
                    break;
            }
            world.Check();
        }
        Drain(world);
    }

    [Fact]
    public void A_session_whose_server_went_down_after_it_was_looked_up_gets_another_one()
    {
        using var world = new BackendWorld(BalanceKind.RoundRobin, 1, 1);
        ServerState gone = world.Servers[0];
        world.Come(gone);
        gone.Health = ServerHealth.Down;

        int ticket = world.Come(gone);

        world.Change(gone, ServerHealth.Down, 1);
        Assert.Contains(ticket, world.Served);
    }

    [Fact]
    public void Those_in_the_line_of_the_backend_and_of_a_server_are_served_in_order_of_their_coming()
    {
        using var world = new BackendWorld(BalanceKind.RoundRobin, 1);
        int first = world.Come(null);
        int second = world.Come(null);
        int third = world.Come(world.Servers[0]);
        int fourth = world.Come(null);
        world.Finish(first);
        Assert.Equal([second], world.Served);
        world.Finish(second);
        Assert.Equal([third], world.Served);
        world.Finish(third);
        Assert.Equal([fourth], world.Served);
    }

    [Fact]
    public void A_place_that_was_granted_at_a_server_that_goes_is_taken_and_given_back_all_the_same()
    {
        using var world = new BackendWorld(BalanceKind.RoundRobin, 1);
        ServerState gone = world.Servers[0];
        int first = world.Come(null);
        int second = world.Come(null);
        world.FinishUnnoticed(first);

        world.Reload(BalanceKind.RoundRobin, [], newMaxConn: 1, newCount: 1);

        Assert.Equal([second], world.Served);
        int third = world.Come(gone);       // looked up before the reload
        Assert.Equal([second, third], world.Served);
        Drain(world);
    }

    private static void Drain(BackendWorld world)
    {
        foreach (ServerState server in world.Servers)
        {
            world.Change(server, ServerHealth.Up, 1);
        }
        while (world.Served.Count > 0)
        {
            world.Finish(world.Served.First());
            world.Check();
        }
        Assert.Equal(0, world.Waiting);
    }
}
