using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net.Sockets;
using System.Text.Json;
using System.Threading.Tasks;
using ExchangeLb.Admin.Tests.Fakes;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Runtime;
using ExchangeLb.Exe.Tests.EndToEnd;
using Xunit;

namespace ExchangeLb.Exe.Tests.Verbs;

/// <summary>The verbs as an administrator and a monitor use them: words in, text and exit code out.</summary>
[Collection(nameof(EndToEnd))]
public sealed class VerbTests
{
    private static readonly Dictionary<string, Func<ClusterSnapshot>> Scenes = new()
    {
        ["pair"] = ClusterScene.Pair,
        ["drifted"] = ClusterScene.Drifted,
        ["gone"] = ClusterScene.PeerGone,
        ["dark"] = ClusterScene.Dark,
    };

    [Theory]
    [InlineData("pair", 0, "Would a failover work right now? yes")]
    [InlineData("drifted", 1, "  - haproxy.cfg differs between the nodes: lb1 0123456789ab, lb2 77ab01c2d3e4")]
    [InlineData("gone", 2, "  - lb2 is not in the cluster now")]
    [InlineData("dark", 2, "  - nobody owns 192.168.200.25")]
    public async Task Status_answers_for_people_and_by_its_exit_code(string scene, int expected, string line)
    {
        await using RunningNode node = new(Scenes[scene]());

        (int exit, string output, _) = node.Run("status");

        Assert.Equal(expected, exit);
        Assert.Contains(line, output.Split('\n'));
        Assert.Contains("Would a failover work right now?", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pair")]
    [InlineData("dark")]
    public async Task Status_that_goes_into_a_file_has_no_colours_and_80_columns(string scene)
    {
        await using RunningNode node = new(Scenes[scene]());

        (_, string output, _) = node.Run("status");

        Assert.DoesNotContain('\u001b', output);
        Assert.All(output.Split('\n'), line => Assert.True(line.Length <= 80 && line.TrimEnd() == line, line));
    }

    [Fact]
    public async Task Status_for_programs_is_json_with_the_same_exit_code()
    {
        await using RunningNode node = new(ClusterScene.PeerGone());

        (int exit, string output, _) = node.Run("status", "--json");

        using JsonDocument json = JsonDocument.Parse(output);
        Assert.Equal(2, exit);
        Assert.Equal("lb2 is not in the cluster now", json.RootElement.GetProperty("failoverObstacles")[0].GetString());
    }

    [Theory]
    [InlineData("switchover any all", "switchover")]
    [InlineData("switchover lb2 192.168.200.25", "switchover", "lb2", "--vip", "192.168.200.25")]
    [InlineData("standby self", "standby")]
    [InlineData("unstandby lb2", "unstandby", "lb2")]
    [InlineData("reload all", "reload", "--all")]
    public async Task An_order_reaches_the_node(string expected, params string[] words)
    {
        await using RunningNode node = new(ClusterScene.Pair());

        (int exit, string output, _) = node.Run(words);

        Assert.Equal((0, "done"), (exit, output.Trim()));
        Assert.Equal([expected], node.Cluster!.Calls);
    }

    [Fact]
    public async Task An_order_that_is_refused_says_why_on_standard_error_and_ends_with_1()
    {
        await using RunningNode node = new(ClusterScene.Pair());
        node.Cluster!.Answer = Task.FromResult(CommandResult.Failed("lb2 is not fit: link down"));

        (int exit, string output, string error) = node.Run("switchover", "lb2");

        Assert.Equal((1, "", "exchangelb switchover: lb2 is not fit: link down"), (exit, output, error.Trim()));
    }

    [Fact]
    public async Task A_socket_that_may_only_be_read_from_refuses_orders()
    {
        await using RunningNode node = new(ClusterScene.Pair(), RuntimeLevel.Operator);

        (int exit, _, string error) = node.Run("standby");

        Assert.Equal((1, "exchangelb standby: Permission denied"), (exit, error.Trim()));
    }

    [Fact]
    public async Task A_node_without_a_cluster_says_so()
    {
        await using RunningNode node = new(null);

        Assert.Equal((3, "", "exchangelb status: this node is in no cluster: it was started without --cluster, or a moment ago"), Trimmed(node.Run("status")));
        Assert.Equal((1, "", "exchangelb switchover: this node is in no cluster: it was started without --cluster, or a moment ago"), Trimmed(node.Run("switchover")));
    }

    [Fact]
    public async Task The_last_events_are_listed_and_no_more_than_asked_for()
    {
        await using RunningNode node = new(ClusterScene.Pair());

        (int exit, string output, _) = node.Run("events", "-n", "2");

        Assert.Equal(0, exit);
        Assert.Equal(
            ["2026-03-01 12:00:00.400  owner       192.168.200.25 is owned by lb1", "2026-03-01 12:03:00.000  standby     lb2 left standby"],
            output.Trim().Split('\n').Select(line => line.TrimEnd()));
    }

    [Fact]
    public void Where_no_node_runs_the_path_and_the_remedy_are_said()
    {
        (int exit, _, string error) = RunningNode.RunProgram("status", "--state", "/nonexistent");

        Assert.Equal(3, exit);
        Assert.Equal("exchangelb status: no node runs here: there is no /nonexistent/control.sock; "
            + "start one (exchangelb -f haproxy.cfg --cluster cluster.cfg), or name its folder by --state", error.Trim());
    }

    [Fact]
    public void A_socket_whose_node_has_died_is_told_from_none()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("dead");
        string path = Path.Combine(folder.FullName, "control.sock");
        using (Socket left = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            left.Bind(new UnixDomainSocketEndPoint(path));
        }

        (int exit, _, string error) = RunningNode.RunProgram("switchover", "--socket", path);

        Assert.Equal(3, exit);
        Assert.Contains(File.Exists(path) ? "does not run any more" : "no node runs here", error, StringComparison.Ordinal);
        folder.Delete(recursive: true);
    }

    [Fact]
    public void A_node_that_does_not_answer_is_given_up()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("hung");
        string path = Path.Combine(folder.FullName, "control.sock");
        using Socket hung = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        hung.Bind(new UnixDomainSocketEndPoint(path));
        hung.Listen();

        (int exit, _, string error) = RunningNode.RunProgram("status", "--socket", path);

        Assert.Equal(3, exit);
        Assert.Contains($"the node does not answer on {path} within 5 s", error, StringComparison.Ordinal);
        folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData("status", "--wach")]
    [InlineData("standby", "lb1", "lb2")]
    [InlineData("events", "-n", "many")]
    public void A_wrong_line_is_no_state_of_the_cluster(params string[] words)
    {
        (int exit, _, string error) = RunningNode.RunProgram(words);

        Assert.Equal(64, exit);
        Assert.Contains($"See: exchangelb {words[0]} --help", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Help_tells_the_exit_codes()
    {
        (int exit, string output, _) = RunningNode.RunProgram("status", "--help");

        Assert.Equal(0, exit);
        Assert.Contains("0 it would, 1 it would but there are warnings, 2 a VIP has no owner or a failover would not work, 3 the node can't be asked", output, StringComparison.Ordinal);
    }

    private static (int Exit, string Output, string Error) Trimmed((int Exit, string Output, string Error) run) => (run.Exit, run.Output.Trim(), run.Error.Trim());
}
