using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Net;
using ExchangeLb.Cluster.Engine.Corosync;
using ExchangeLb.Core.Model;
using Xunit;

namespace ExchangeLb.Cluster.Tests.Engine.Corosync;

public sealed class CorosyncConfigurationTests : IDisposable
{
    private static readonly string[] Names = ["lb1", "lb2", "lb3"];

    private readonly string _folder = Directory.CreateTempSubdirectory("exchangelb-conf-").FullName;

    /// <summary>One node, two nodes with two links, three nodes of IPv6: each line as Corosync gets it.</summary>
    [Theory]
    [InlineData("one")]
    [InlineData("two")]
    [InlineData("three")]
    public void The_text_is_that_of_the_golden_file(string name)
    {
        string text = CorosyncConfiguration.Write(Model(name) with { KeyFile = "/etc/exchangelb/cluster.key" }, Place(name, "/var/lib/exchangelb/corosync/lib"));

        Assert.Equal(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Engine", "Corosync", "Golden", $"{name}.conf")), text);
    }

    /// <summary>With addresses of this host: Corosync looks for the node that it is, even when it only checks.</summary>
    [Theory]
    [InlineData("one")]
    [InlineData("two")]
    [InlineData("three")]
    public void Corosync_accepts_it(string name)
    {
        string key = Path.Combine(_folder, "cluster.key");
        ClusterKey.Create(key);
        string file = Path.Combine(_folder, "corosync.conf");
        File.WriteAllText(file, CorosyncConfiguration.Write(OnThisHost(name) with { KeyFile = key }, Place(name, _folder)));
        Assert.NotNull(CorosyncObstacle.Program());

        using Process check = Process.Start(new ProcessStartInfo(CorosyncObstacle.Program()!, ["-t", "-c", file]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        string output = check.StandardError.ReadToEnd() + check.StandardOutput.ReadToEnd();
        check.WaitForExit();

        Assert.True(check.ExitCode == 0, output);
    }

    [Fact]
    public void A_name_cannot_bring_lines_of_its_own()
    {
        ClusterModel model = Model("one") with { Name = "a}\nquorum {#" };

        string text = CorosyncConfiguration.Write(model, new CorosyncPlace(_folder));

        Assert.Contains("    cluster_name: a__quorum___\n", text, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static ClusterModel Model(string name) => name switch
    {
        "one" => New(["192.168.200.21"]),
        "two" => New(["192.168.200.21,10.0.0.21", "192.168.200.22,10.0.0.22"]),
        _ => New(["fd00::21", "fd00::22", "fd00::23"]) with { Port = 6000 },
    };

    private static ClusterModel OnThisHost(string name) => name switch
    {
        "one" => New(["127.0.0.1"]),
        "two" => New(["127.0.0.1,127.0.1.1", "127.0.0.2,127.0.1.2"]),
        _ => New(["::1", "fd00::22", "fd00::23"]) with { Port = 6000 },
    };

    private static ClusterModel New(string[] nodes) => new("exchange", [.. nodes.Select((addresses, index) => Node(index, addresses))], [])
    {
        Timings = ClusterTimings.For(TimeSpan.FromMilliseconds(400), nodes.Length),
    };

    private static ClusterNodeModel Node(int index, string addresses) =>
        new((uint)index + 1, Names[index], [.. addresses.Split(',').Select(IPAddress.Parse)], 100);

    private static CorosyncPlace Place(string name, string folder) => name == "three"
        ? new CorosyncPlace(folder) { RealTime = false, ClientUser = 998 }
        : new CorosyncPlace(folder);
}
