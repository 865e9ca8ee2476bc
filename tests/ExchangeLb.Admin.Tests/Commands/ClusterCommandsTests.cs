using System;
using System.Linq;
using System.Threading.Tasks;
using ExchangeLb.Admin.Cluster;
using ExchangeLb.Admin.Commands;
using ExchangeLb.Admin.Tests.Fakes;
using ExchangeLb.Admin.Text;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Runtime;
using Xunit;

namespace ExchangeLb.Admin.Tests.Commands;

public sealed class ClusterCommandsTests
{
    private readonly FakeCluster _cluster = new(ClusterScene.Pair());
    private readonly FakeTime _time = new();

    [Theory]
    [InlineData("cluster switchover", "switchover any all")]
    [InlineData("cluster switchover node lb2", "switchover lb2 all")]
    [InlineData("cluster switchover vip 192.168.200.25", "switchover any 192.168.200.25")]
    [InlineData("cluster switchover vip 192.168.200.25/24 node lb2", "switchover lb2 192.168.200.25")]
    [InlineData("cluster standby", "standby self")]
    [InlineData("cluster standby lb2", "standby lb2")]
    [InlineData("cluster unstandby lb1", "unstandby lb1")]
    [InlineData("cluster reload", "reload")]
    [InlineData("cluster reload all", "reload all")]
    public async Task A_change_reaches_the_cluster(string line, string call)
    {
        string answer = await RunAsync(line);

        Assert.Equal("done\n\n", answer);
        Assert.Equal([call], _cluster.Calls);
    }

    [Theory]
    [InlineData("cluster switchover lb2", "refused: usage: cluster switchover [node <name>] [vip <address>]\n\n")]
    [InlineData("cluster switchover node", "refused: usage: cluster switchover [node <name>] [vip <address>]\n\n")]
    [InlineData("cluster switchover node lb3", "refused: there is no node 'lb3'; nodes are: lb1, lb2\n\n")]
    [InlineData("cluster switchover vip 10.0.0.1", "refused: there is no VIP '10.0.0.1'; VIPs are: 192.168.200.25\n\n")]
    [InlineData("cluster standby lb3", "refused: there is no node 'lb3'; nodes are: lb1, lb2\n\n")]
    [InlineData("cluster standby lb1 lb2", "refused: usage: cluster standby [<node>]\n\n")]
    [InlineData("cluster reload everything", "refused: usage: cluster reload [all]\n\n")]
    public async Task What_cannot_be_meant_is_refused_before_it_reaches_the_cluster(string line, string expected)
    {
        Assert.Equal(expected, await RunAsync(line));
        Assert.Empty(_cluster.Calls);
    }

    [Fact]
    public async Task The_clusters_own_words_follow_the_outcome()
    {
        _cluster.Answer = Task.FromResult(new CommandResult(true, "192.168.200.25: lb2\n"));
        string done = await RunAsync("cluster switchover");
        _cluster.Answer = Task.FromResult(CommandResult.Failed("lb2 is not fit: link down"));
        string refused = await RunAsync("cluster switchover");

        Assert.Equal(("done: 192.168.200.25: lb2\n\n", "refused: lb2 is not fit: link down\n\n"), (done, refused));
    }

    [Fact]
    public async Task A_cluster_that_does_not_answer_is_not_waited_for_for_ever()
    {
        _cluster.Answer = new TaskCompletionSource<CommandResult>().Task;
        Task<string> answer = RunAsync("cluster switchover");

        Assert.False(answer.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(31));

        Assert.Equal("refused: no answer within 30 s; whether it was done is not known\n\n", await answer);
    }

    [Theory]
    [InlineData("cluster switchover")]
    [InlineData("cluster standby")]
    [InlineData("cluster unstandby")]
    [InlineData("cluster reload")]
    public async Task Changes_are_for_the_level_admin(string line)
    {
        Assert.Equal("Permission denied\n\n", await RunAsync(line, RuntimeLevel.Operator));
        Assert.Empty(_cluster.Calls);
    }

    [Theory]
    [InlineData("show cluster", "")]
    [InlineData("show cluster json", "")]
    [InlineData("show cluster events", "")]
    [InlineData("cluster reload", "refused: ")]
    public async Task Without_a_cluster_every_command_says_so(string line, string before) =>
        Assert.Equal($"{before}this node is in no cluster: it was started without --cluster, or a moment ago\n\n", await RunAsync(line, RuntimeLevel.Admin, null));

    [Fact]
    public async Task The_cluster_is_shown_to_everybody_with_the_verdict_first()
    {
        string[] lines = (await RunAsync("show cluster", RuntimeLevel.User)).Split('\n');

        Assert.Equal(["Cluster: exchange", "Asked: lb1", "Failover: yes"], lines.Take(3));
        Assert.Contains("Vip: 192.168.200.25 on eth0, owned by lb1 for 3 d 3 h, here owner, lease 363 ms left, acquired 1 time", lines);
        Assert.Contains(lines, line => line.StartsWith("Node: lb2 (id 2, priority 0), ready, links 192.168.200.22 up 10.0.0.22 up, servers e2k13 2/2", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_the_configuration_does_not_give_is_noted_and_speaks_against_nothing()
    {
        string text = await RunAsync("show cluster", RuntimeLevel.User, new FakeCluster(ClusterScene.Pair() with { Notes = ["connections to 192.168.200.25 end when it moves"] }));

        Assert.Contains("Failover: yes\nNote: connections to 192.168.200.25 end when it moves\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reasons_against_a_failover_are_named()
    {
        string text = await RunAsync("show cluster", RuntimeLevel.User, new FakeCluster(ClusterScene.PeerGone()));

        Assert.Contains("Failover: no\nReason: lb2 is not in the cluster now\n", text, StringComparison.Ordinal);
        Assert.Contains("Node: lb2 (id 2, priority 0), absent\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Programs_read_the_whole_snapshot_in_one_line()
    {
        string[] lines = (await RunAsync("show cluster json")).Split('\n');

        Assert.Equal(["", ""], lines[1..]);
        Assert.Equal("exchange", ClusterJson.Read(System.Text.Encoding.UTF8.GetBytes(lines[0]))!.Cluster);
    }

    [Fact]
    public async Task Events_are_listed_with_the_newest_last() => Assert.Equal(
        "2026-03-01T12:00:00.000Z view lb1, lb2\n2026-03-01T12:00:00.400Z owner 192.168.200.25 is owned by lb1\n2026-03-01T12:03:00.000Z standby lb2 left standby\n\n",
        await RunAsync("show cluster events"));

    private Task<string> RunAsync(string line, RuntimeLevel level = RuntimeLevel.Admin) => RunAsync(line, level, _cluster);

    private async Task<string> RunAsync(string line, RuntimeLevel level, IClusterRuntime? cluster)
    {
        using Utf8Writer output = new();
        CommandSession session = new(level, TimeSpan.FromSeconds(10));
        var call = new CommandCall([], new FakeLoadBalancer(Scene.EveryState()), session, _time, output, () => ValueTask.CompletedTask) { Cluster = cluster };
        await CommandRunner.RunAsync(call, CommandLine.Split(line)[0]);
        return output.ToString();
    }
}
