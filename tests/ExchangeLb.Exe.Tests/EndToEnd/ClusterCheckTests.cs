using System;
using System.IO;
using System.Linq;
using ExchangeLb.Cluster.Engine.Corosync;
using Xunit;

namespace ExchangeLb.Exe.Tests.EndToEnd;

/// <summary>`-c` with a cluster: both files, and whether they fit.</summary>
[Collection(nameof(EndToEnd))]
public sealed class ClusterCheckTests : IDisposable
{
    private const string Balancer = "listen a\n bind 203.0.113.25:443\n timeout client 1s\n timeout connect 1s\n timeout server 1s\n";
    private const string Nodes = "cluster pair\n node lb1 203.0.113.1\n node lb2 203.0.113.2\n vip 203.0.113.25/24 dev eth0\n";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cluster-check");

    public ClusterCheckTests()
    {
        Assert.Null(ClusterKey.Create(Key));
    }

    private string Key => Path.Combine(_folder.FullName, "cluster.key");

    private string Cluster => $"{Nodes} key-file {Key}\n";

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
        (int exit, string messages) = Check(Balancer.Replace("203.0.113.25", "203.0.113.26", StringComparison.Ordinal), Cluster);

        Assert.Equal(0, exit);
        Assert.Contains("[WARNING]", messages, StringComparison.Ordinal);
        Assert.Contains("no 'bind' of haproxy.cfg listens on a VIP (203.0.113.25)", messages, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_debian_file_says_and_the_units_user_can_not_do_is_noticed_with_its_line()
    {
        (int exit, string messages) = Check($"global\n user no-such-user\n group no-such-group\n daemon\n stats socket /run/haproxy/admin.sock mode 660 level admin\n{Balancer}", Cluster);

        Assert.Equal(0, exit);
        Assert.Contains("haproxy.cfg:2] : 'user' and 'group' are not followed by a node of a cluster: exchangelb.service runs it as the user exchangelb", messages, StringComparison.Ordinal);
        Assert.Contains("haproxy.cfg:5] : the user and sandbox of exchangelb.service can't write in the folder /run/haproxy: there, write "
            + "'stats socket /run/exchangelb/admin.sock'", messages, StringComparison.Ordinal);
    }

    [Fact]
    public void A_stats_socket_in_the_units_own_folder_needs_no_word() =>
        Assert.Equal((0, ""), Check($"global\n stats socket /run/exchangelb/admin.sock mode 660\n{Balancer}", Cluster));

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
        (int exit, string messages) = Check("peers p\n peer lb1 203.0.113.1:1024\n" + Balancer, Cluster);

        Assert.Equal(0, exit);
        Assert.Contains("the cluster replicates every stick table between the nodes of cluster.cfg", messages, StringComparison.Ordinal);
    }

    [RootFact]
    public void A_key_that_is_not_there_is_a_warning_in_its_line()
    {
        (int exit, string messages) = Check(Balancer, $"{Nodes} key-file {Key}.lost\n");

        Assert.Equal(0, exit);
        Assert.Contains($"cluster.cfg:5] : cluster 'pair': key-file {Key}.lost is not there, and a node does not start without it; "
            + "'exchangelb cluster-setup' makes it, or takes another node's", messages, StringComparison.Ordinal);
    }

    [Fact]
    public void A_node_that_this_host_is_not_is_noticed_when_it_was_named()
    {
        (int exit, string messages) = Check(Balancer, Cluster, "--node", "lb1");

        Assert.Equal(0, exit);
        Assert.Contains("[NOTICE]", messages, StringComparison.Ordinal);
        Assert.Contains("node 'lb1' of cluster 'pair': no device of this host has 203.0.113.1; give it to a device", messages, StringComparison.Ordinal);
    }

    [Fact]
    public void A_node_that_this_host_is_not_does_not_start()
    {
        Write(Balancer, Cluster);

        using ProgramRun run = ProgramRun.Start(ProgramRun.ExchangeLb, _folder.FullName,
            ["-f", "haproxy.cfg", "--cluster", "cluster.cfg", "--node", "lb1", "--state", Path.Combine(_folder.FullName, "state")]);
        int exit = run.WaitExit();

        Assert.Equal(1, exit);
        Assert.Contains("node 'lb1' of cluster 'pair': no device of this host has 203.0.113.1; give it to a device", run.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(_folder.FullName, "state")));
    }

    private void Write(string balancer, string cluster)
    {
        File.WriteAllText(Path.Combine(_folder.FullName, "haproxy.cfg"), balancer);
        File.WriteAllText(Path.Combine(_folder.FullName, "cluster.cfg"), cluster);
    }

    private (int Exit, string Messages) Check(string balancer, string cluster, params string[] more)
    {
        Write(balancer, cluster);
        using ProgramRun run = ProgramRun.Start(ProgramRun.ExchangeLb, _folder.FullName, ["-c", "-f", "haproxy.cfg", "--cluster", "cluster.cfg", .. more]);
        int exit = run.WaitExit();
        return (exit, string.Join('\n', run.Error.Split('\n').Where(line => line.StartsWith('['))));
    }
}
