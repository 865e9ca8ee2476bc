using System;
using System.IO;
using System.Linq;
using Xunit;

namespace ExchangeLb.Exe.Tests.EndToEnd;

/// <summary>`-c` with a cluster: both files, and whether they fit.</summary>
[Collection(nameof(EndToEnd))]
public sealed class ClusterCheckTests : IDisposable
{
    private const string Balancer = "listen a\n bind 192.0.2.25:443\n timeout client 1s\n timeout connect 1s\n timeout server 1s\n";
    private const string Cluster = "cluster pair\n node lb1 192.0.2.1\n node lb2 192.0.2.2\n vip 192.0.2.25/24 dev eth0\n";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cluster-check");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Two_right_files_are_valid() => Assert.Equal((0, ""), Check(Balancer, Cluster));

    [Fact]
    public void An_error_of_either_file_ends_it()
    {
        (int exit, string messages) = Check(Balancer.Replace("bind", "bnd", StringComparison.Ordinal), Cluster.Replace("vip", "vp", StringComparison.Ordinal));

        Assert.Equal(1, exit);
        Assert.Contains("haproxy.cfg:2] : listen 'a': 'bnd' is not known here; did you mean 'bind'?", messages, StringComparison.Ordinal);
        Assert.Contains("cluster.cfg:4] : cluster 'pair': 'vp' is not known here; did you mean 'vip'?", messages, StringComparison.Ordinal);
    }

    [Fact]
    public void What_does_not_fit_is_a_warning()
    {
        (int exit, string messages) = Check(Balancer.Replace("192.0.2.25", "192.0.2.26", StringComparison.Ordinal), Cluster);

        Assert.Equal(0, exit);
        Assert.Contains("[WARNING]", messages, StringComparison.Ordinal);
        Assert.Contains("no 'bind' of haproxy.cfg listens on a VIP (192.0.2.25)", messages, StringComparison.Ordinal);
    }

    [Fact]
    public void A_fast_lease_is_noticed()
    {
        (int exit, string messages) = Check(Balancer, Cluster + " lease 60ms\n");

        Assert.Equal(0, exit);
        Assert.Contains("[NOTICE]", messages, StringComparison.Ordinal);
        Assert.Contains("'lease 60ms' is a fast lease: it needs real-time scheduling", messages, StringComparison.Ordinal);
    }

    [Fact]
    public void A_node_that_is_not_in_the_file_is_an_error()
    {
        (int exit, string messages) = Check(Balancer, Cluster, "--node", "lb3");

        Assert.Equal(1, exit);
        Assert.Contains("--node lb3: cluster 'pair' has no such node; did you mean 'lb1'?", messages, StringComparison.Ordinal);
    }

    [Fact]
    public void Peers_are_ignored_in_favour_of_the_cluster()
    {
        (int exit, string messages) = Check("peers p\n peer lb1 192.0.2.1:1024\n" + Balancer, Cluster);

        Assert.Equal(0, exit);
        Assert.Contains("the cluster replicates every stick table between the nodes of cluster.cfg", messages, StringComparison.Ordinal);
    }

    private (int Exit, string Messages) Check(string balancer, string cluster, params string[] more)
    {
        File.WriteAllText(Path.Combine(_folder.FullName, "haproxy.cfg"), balancer);
        File.WriteAllText(Path.Combine(_folder.FullName, "cluster.cfg"), cluster);
        using ProgramRun run = ProgramRun.Start(ProgramRun.ExchangeLb, _folder.FullName, ["-c", "-f", "haproxy.cfg", "--cluster", "cluster.cfg", .. more]);
        int exit = run.WaitExit();
        return (exit, string.Join('\n', run.Error.Split('\n').Where(line => line.StartsWith('['))));
    }
}
