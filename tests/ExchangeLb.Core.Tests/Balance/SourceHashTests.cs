using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using ExchangeLb.Core.Balance;
using ExchangeLb.Core.Model;
using Xunit;

namespace ExchangeLb.Core.Tests.Balance;

public sealed class SourceHashTests
{
    [Fact]
    public void Every_client_goes_where_haproxy_sends_it()
    {
        string[] lines = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "Balance", "haproxy-source.txt"));
        string[] sets = lines[1].Split(' ')[1..];
        List<Balancing> balancings = [.. sets.Select(set => new Balancing(BalanceKind.Source, [.. set.Split(',').Select(int.Parse)]))];

        foreach (string line in lines[2..])
        {
            string[] words = line.Split(' ');
            string chosen = string.Join(' ', balancings.Select(balancing => balancing.Choose(words[0])));
            Assert.Equal($"{words[0]}: {string.Join(' ', words[1..])}", $"{words[0]}: {chosen}");
        }
        Assert.True(lines.Length > 100);
    }

    [Fact]
    public void Clients_come_back_to_their_servers_when_a_server_that_had_failed_returns()
    {
        Balancing balancing = new(BalanceKind.Source, 1, 2, 1);
        string[] clients = [.. Enumerable.Range(1, 50).Select(i => $"192.0.2.{i}")];
        int[] before = [.. clients.Select(client => balancing.Choose(client))];

        balancing.SetWeight(1, 0);
        int[] meanwhile = [.. clients.Select(client => balancing.Choose(client))];
        balancing.SetWeight(1, 2);
        int[] after = [.. clients.Select(client => balancing.Choose(client))];

        Assert.DoesNotContain(1, meanwhile);
        Assert.Equal(before, after);
    }

    [Fact]
    public void A_full_server_keeps_its_clients()
    {
        Balancing balancing = new(BalanceKind.Source, 1, 1);
        int server = balancing.Choose();

        balancing.Servers[server].MaxConn = 1;
        balancing.Servers[server].Served = 1;

        Assert.Equal(server, balancing.Choose());
    }

    [Fact]
    public void A_redispatch_goes_to_another_server_if_there_is_one()
    {
        Balancing balancing = new(BalanceKind.Source, 3, 2);
        int server = balancing.Choose();

        int other = balancing.Choose(avoid: server);
        balancing.SetWeight(other, 0);
        int only = balancing.Choose(avoid: server);

        Assert.NotEqual(server, other);
        Assert.Equal(server, only);
    }
}
