using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using ExchangeLb.Cluster.Orders;
using ExchangeLb.Clustering;
using ExchangeLb.Core.Runtime;
using Xunit;

namespace ExchangeLb.Exe.Tests.Clustering;

public sealed class ReloadEverywhereTests
{
    private readonly Dictionary<string, Node> _nodes = new(StringComparer.Ordinal) { ["lb1"] = new(), ["lb2"] = new(), ["lb3"] = new() };

    [Fact]
    public async Task Every_node_goes_on_with_its_new_files()
    {
        CommandResult result = await Reload();

        Assert.True(result.Done, result.Message);
        Assert.All(_nodes.Values, node => Assert.Equal("new", node.Runs));
        Assert.Equal("lb1: right\nlb2: right\nlb3: right\nlb2: reloaded\nlb3: reloaded\nlb1: reloaded", result.Message);
    }

    [Fact]
    public async Task A_node_with_nothing_to_say_gets_no_line_and_several_lines_name_it_each()
    {
        _nodes["lb1"].Remark = "";
        _nodes["lb2"].Remark = "line 3: odd\nline 4: odder";
        _nodes["lb3"].Remark = "";

        CommandResult result = await Reload();

        Assert.Equal("lb2: line 3: odd\nlb2: line 4: odder\nlb2: reloaded\nlb3: reloaded\nlb1: reloaded", result.Message);
    }

    [Fact]
    public async Task A_file_that_is_wrong_on_one_node_changes_none()
    {
        _nodes["lb3"].Wrong = true;

        CommandResult result = await Reload();

        Assert.False(result.Done);
        Assert.All(_nodes.Values, node => Assert.Equal("old", node.Runs));
        Assert.All(_nodes.Values, node => Assert.False(node.Prepared));
        Assert.EndsWith("lb3: line 7 is wrong\nno node was reloaded", result.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("lb1")]
    [InlineData("lb2")]
    [InlineData("lb3")]
    public async Task A_node_that_cannot_bind_takes_the_others_back(string unable)
    {
        _nodes[unable].CannotBind = true;

        CommandResult result = await Reload();

        Assert.False(result.Done);
        Assert.All(_nodes.Values, node => Assert.Equal("old", node.Runs));
        Assert.All(_nodes.Values, node => Assert.False(node.Prepared));
        Assert.Contains($"{unable}: cannot bind", result.Message, StringComparison.Ordinal);
        Assert.EndsWith("all nodes go on with the configuration before", result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_whose_answer_is_lost_is_taken_back_too()
    {
        _nodes["lb2"].Mute = OrderKind.ApplyReload;

        CommandResult result = await Reload();

        Assert.False(result.Done);
        Assert.All(_nodes.Values, node => Assert.Equal("old", node.Runs));
    }

    [Fact]
    public async Task A_node_that_cannot_be_taken_back_is_named()
    {
        _nodes["lb3"].CannotBind = true;
        _nodes["lb2"].Mute = OrderKind.RevertReload;

        CommandResult result = await Reload();

        Assert.False(result.Done);
        Assert.EndsWith("lb2 could not be told to go back, and may run the new configuration: see 'exchangelb status'", result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_configured_node_nothing_is_begun()
    {
        CommandResult result = await new ReloadEverywhere("lb1", _nodes["lb1"], Ask).RunAsync(["lb2"], ["lb3"]);

        Assert.False(result.Done);
        Assert.All(_nodes.Values, node => Assert.Equal("old", node.Runs));
        Assert.Equal("lb3 is not in the cluster now, so no node was reloaded; 'exchangelb reload' without --all reloads one node alone", result.Message);
    }

    private Task<CommandResult> Reload() => new ReloadEverywhere("lb1", _nodes["lb1"], Ask).RunAsync(["lb2", "lb3"], []);

    private Task<CommandResult> Ask(string node, OrderKind order)
    {
        Node asked = _nodes[node];
        bool mute = asked.Mute == order;
        if (mute && order == OrderKind.RevertReload) { return Lost(node); }
        CommandResult result = order switch
        {
            OrderKind.PrepareReload => asked.Prepare(),
            OrderKind.ApplyReload => asked.Apply(),
            OrderKind.ForgetReload => asked.Forget(),
            OrderKind.RevertReload => asked.Revert(),
            _ => throw new ArgumentOutOfRangeException(nameof(order)),
        };
        return mute ? Lost(node) : Task.FromResult(result);
    }

    private static Task<CommandResult> Lost(string node) => Task.FromResult(CommandResult.Failed($"{node} did not answer within 25 s"));

    /// <summary>One node's reload, as far as others see it.</summary>
    private sealed class Node : IReloads
    {
        private string? _before;

        public string Runs { get; private set; } = "old";
        public bool Prepared { get; private set; }
        public bool Wrong { get; set; }
        public string Remark { get; set; } = "right";
        public bool CannotBind { get; set; }
        public OrderKind? Mute { get; set; }

        public CommandResult Reload() => Apply();

        public CommandResult Prepare()
        {
            (Prepared, _before) = (!Wrong, null);
            return Wrong ? CommandResult.Failed("line 7 is wrong") : new CommandResult(true, Remark);
        }

        public CommandResult Apply()
        {
            bool prepared = Prepared;
            Prepared = false;
            if (!prepared || CannotBind) { return CommandResult.Failed("cannot bind"); }
            (_before, Runs) = (Runs, "new");
            return new CommandResult(true, "reloaded");
        }

        public CommandResult Forget()
        {
            Prepared = false;
            return CommandResult.Ok;
        }

        public CommandResult Revert()
        {
            Runs = _before ?? Runs;
            return CommandResult.Ok;
        }
    }
}
