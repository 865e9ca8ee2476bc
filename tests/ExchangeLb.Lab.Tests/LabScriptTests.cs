using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using ExchangeLb.Lab.Tests.World;
using Xunit;

namespace ExchangeLb.Lab.Tests;

/// <summary>The README's first command, as a newcomer runs it.</summary>
public sealed class LabScriptTests : IDisposable
{
    private readonly string _prefix = $"elb-s{Environment.ProcessId}-";

    public void Dispose() => Lab("down");

    [LabFact]
    public void Up_shows_the_articles_file_at_work_and_down_removes_all()
    {
        Command.Outcome up = Lab("up");

        Assert.True(up.ExitCode == 0, up.Output + up.Errors);
        Assert.Contains("six connections: exchange1 x 6", up.Output);
        Assert.Contains("exchange2 killed; taken out after", up.Output);
        Assert.Contains("exchange2 is used again", up.Output);
        Assert.Contains("of 7 clients kept their server", up.Output);
        Assert.Contains("e2k13/exchange1", up.Output);
        Assert.InRange(Lab("status").ExitCode, 0, 1); // what this host lacks (real-time scheduling) is a "but"
        KeepsWordsOfOrders();
        Assert.Equal(0, Lab("traffic").ExitCode);
        Assert.Contains("owns 192.168.200.25", Lab("events").Output);
        Assert.Contains("asked at lb2", Lab("lb2 status").Output);
        Assert.Contains("asked at lb2", Lab("status lb2").Output);
        Assert.Equal("lab.sh: --trials takes a number from 1 to 999999, not 'x'\n", Lab("failover process --trials x").Errors);
        Assert.StartsWith("lab.sh: --record takes a file", Lab("failover process --record").Errors);

        Assert.Equal(0, Lab("down").ExitCode);
        Assert.DoesNotContain(Namespaces(), name => name.StartsWith(_prefix, StringComparison.Ordinal));
        Assert.False(Directory.Exists("/run/exchangelb-lab." + _prefix));
    }

    [LabFact]
    public void A_word_that_is_none_is_named_first_with_the_nearest()
    {
        Assert.Equal("lab.sh: 'stauts' is nothing that the lab can do; did you mean status?\n", Lab("stauts").Errors);
        Assert.Equal("lab.sh: there is no node lb3: lb1 or lb2\n", Lab("lb3 status").Errors);
        Assert.Equal("lab.sh: there is no node lb3: lb1 or lb2\n", Lab("status lb3").Errors);
    }

    [LabFact]
    public void An_up_that_fails_says_why_and_leaves_nothing()
    {
        Command.Outcome up = Lab("up", balancer: "/bin/false");

        Assert.NotEqual(0, up.ExitCode);
        Assert.Contains("lab.sh: the balancer does not run", up.Errors);
        Assert.DoesNotContain(Namespaces(), name => name.StartsWith(_prefix, StringComparison.Ordinal));
    }

    [LabFact]
    public void What_needs_a_lab_says_that_there_is_none()
    {
        Command.Outcome traffic = Lab("traffic");

        Assert.NotEqual(0, traffic.ExitCode);
        Assert.Equal($"lab.sh: the lab is not up: sudo LAB_PREFIX={_prefix} vagrant/lab.sh up\n", traffic.Errors);
    }

    /// <summary>Whoever has got an answer finds it in the status of the node that he asked, and of the one that obeyed.</summary>
    private void KeepsWordsOfOrders()
    {
        Assert.Equal(0, Lab("lb1 standby lb2").ExitCode);
        Assert.Contains("lb2 is in standby", Lab("lb1 status").Output);
        foreach (string order in (string[])["lb1 switchover lb2", "lb1 switchover", "lb2 switchover"])
        {
            Command.Outcome refused = Lab(order);
            Assert.Contains("192.168.200.25 was not moved: lb2 is in standby; 'exchangelb unstandby' there first", refused.Errors);
            Assert.Equal(1, refused.ExitCode);
        }
        Assert.Contains("lb1 goes on serving 192.168.200.25: lb2 is in standby, too, and nobody else can", Lab("lb1 standby").Output);
        Command.Outcome asked = Lab("lb2 status");
        Assert.Contains("all nodes are in standby: lb1 serves 192.168.200.25, for", asked.Output);
        Assert.Equal(2, asked.ExitCode);
        Assert.Equal(0, Lab("lb1 unstandby lb2").ExitCode);
        Assert.DoesNotContain("lb2 is in standby", Lab("lb1 status").Output);
        Assert.Equal(0, Lab("lb1 unstandby").ExitCode);
        Assert.DoesNotContain("- lb1 is in standby", Lab("lb2 status").Output);
    }

    private static string[] Namespaces() => Directory.Exists("/run/netns") ? [.. Directory.EnumerateFiles("/run/netns").Select(path => Path.GetFileName(path))] : [];

    private Command.Outcome Lab(string words, string? balancer = null)
    {
        ProcessStartInfo start = new(Path.Combine(LabWorld.RepositoryRoot, "vagrant/lab.sh"), words.Split(' '));
        start.Environment["LAB_PREFIX"] = _prefix;
        start.Environment["LAB_CLIENT"] = LabWorld.BuiltDrillClient;
        if (balancer is not null) { start.Environment["LAB_BALANCER"] = balancer; }
        return Command.Try(start);
    }
}
