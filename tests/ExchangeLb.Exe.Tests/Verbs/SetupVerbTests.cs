using System;
using System.IO;
using System.Net;
using System.Net.Sockets;
using ExchangeLb.Exe.Tests.EndToEnd;
using Xunit;

namespace ExchangeLb.Exe.Tests.Verbs;

/// <summary>`cluster-setup` as an administrator meets it: this host is node lb1 of a pair.</summary>
[Collection(nameof(EndToEnd))]
public sealed class SetupVerbTests : IDisposable
{
    private const string Balancer = "listen a\n bind 192.0.2.25:443\n timeout client 1s\n timeout connect 1s\n timeout server 1s\n";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("setup");
    private readonly int _port = FreePort();
    private string _device = "lo";
    private string _user = "nobody";

    public void Dispose() => _folder.Delete(recursive: true);

    private string Key => In("cluster.key");

    [RootFact]
    public void It_makes_the_key_and_corosyncs_file_and_says_what_to_do_on_the_other_node()
    {
        (int exit, string output, string error) = Setup();

        Assert.Equal((0, ""), (exit, error));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Key));
        Assert.Equal(256, new FileInfo(Key).Length);
        Assert.Contains("uidgid {\n    uid: 65534\n}", File.ReadAllText(In("engine/corosync.conf")), StringComparison.Ordinal);
        Assert.Contains($"ssh root@192.0.2.2 exchangelb cluster-setup --key - --start < {Key}", output, StringComparison.Ordinal);
    }

    [RootFact]
    public void A_second_run_changes_nothing()
    {
        Setup();
        byte[] key = File.ReadAllBytes(Key);

        Assert.Equal(0, Setup().Exit);

        Assert.Equal(key, File.ReadAllBytes(Key));
    }

    [RootFact]
    public void The_key_of_another_node_is_taken_over()
    {
        Install(In("other.key"), new byte[128]);

        (int exit, string output, string error) = Setup("--key", In("other.key"));

        Assert.Equal((0, ""), (exit, error));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Key));
        Assert.Equal(new byte[128], File.ReadAllBytes(Key));
        Assert.DoesNotContain("ssh", output, StringComparison.Ordinal);
    }

    [RootFact]
    public void Another_key_is_not_overwritten()
    {
        Install(Key, new byte[256]);
        Install(In("other.key"), new byte[128]);

        AssertRefused("is there already, and is another one", "--key", In("other.key"));

        Assert.Equal(new byte[256], File.ReadAllBytes(Key));
    }

    [RootFact]
    public void Before_a_start_no_key_is_made()
    {
        AssertRefused("exchangelb cluster-setup makes it on the first node", "--refresh");

        Assert.False(File.Exists(Key));
    }

    [RootFact]
    public void Before_a_start_nothing_is_said_where_all_is_well()
    {
        Setup();

        Assert.Equal((0, "", ""), Setup("--refresh"));
    }

    [RootFact]
    public void A_key_that_others_can_read_is_refused()
    {
        Install(Key, new byte[256]);
        File.SetUnixFileMode(Key, UnixFileMode.UserRead | UnixFileMode.GroupRead);

        AssertRefused($"can be used by others than its owner: chmod 600 {Key}");
    }

    [RootFact]
    public void A_device_that_is_not_there_is_named()
    {
        _device = "eth77";

        AssertRefused("this host has no device eth77; it has ");
    }

    [RootFact]
    public void A_user_that_is_not_there_is_named()
    {
        _user = "nobody7";

        AssertRefused("there is no user 'nobody7'");
    }

    [RootFact]
    public void A_port_in_use_is_named()
    {
        using Socket other = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        other.Bind(new IPEndPoint(IPAddress.Loopback, _port));

        AssertRefused($"UDP port {_port} of 127.0.0.1 is in use");
    }

    [RootFact]
    public void The_distributions_corosync_is_refused_by_name()
    {
        string program = In("corosync");
        File.Copy("/bin/sleep", program);
        using ProgramRun running = ProgramRun.Start(program, _folder.FullName, ["600"]);
        Eventually.True(() => File.ReadAllText($"/proc/{running.Pid}/comm") == "corosync\n", "the other Corosync runs");

        AssertRefused("the distribution's corosync.service runs on this host");
    }

    [RootFact]
    public void Whoever_is_not_root_is_told_so()
    {
        WriteFiles();
        // Who may read everything: this clone may lie in a home folder, closed to others.
        string[] nobody = ["--euid", "nobody", "--clear-groups", "--inh-caps", "-all,+dac_read_search", "--ambient-caps", "-all,+dac_read_search"];
        using ProgramRun run = ProgramRun.Finish("/usr/bin/setpriv", "/", [.. nobody, ProgramRun.ExchangeLb, .. Words()]);

        Assert.Equal("exchangelb cluster-setup: this needs root: sudo exchangelb cluster-setup\n", run.Error);
        Assert.Equal(1, run.WaitExit());
    }

    [Theory]
    [InlineData(" node lb2 192.0.2.2\n", 0)]
    [InlineData("", 1)]
    [InlineData(" nod lb2 192.0.2.2\n", 1)]
    public void Only_a_node_with_peers_needs_corosync(string line, int exit)
    {
        File.WriteAllText(In("cluster.cfg"), $"cluster pair\n node lb1 127.0.0.1\n{line} vip 192.0.2.25/32 dev lo\n");
        using ProgramRun run = ProgramRun.Finish(ProgramRun.ExchangeLb, "/", "cluster-setup", "--cluster", In("cluster.cfg"), "--has-peers");

        Assert.Equal((exit, "", ""), (run.WaitExit(), run.Output, run.Error));
    }

    private void AssertRefused(string why, params string[] options)
    {
        (int exit, string output, string error) = Setup(options);

        Assert.Equal(1, exit);
        Assert.Contains(why, error, StringComparison.Ordinal);
        Assert.Equal("", output);
        Assert.Single(error.TrimEnd('\n').Split('\n'));
    }

    private (int Exit, string Output, string Error) Setup(params string[] options)
    {
        WriteFiles();
        using ProgramRun run = ProgramRun.Finish(ProgramRun.ExchangeLb, _folder.FullName, [.. Words(), .. options]);
        return (run.WaitExit(), run.Output, run.Error);
    }

    private string[] Words() => ["cluster-setup", "-f", In("haproxy.cfg"), "--cluster", In("cluster.cfg"), "--node", "lb1", "--corosync", In("engine"), "--user", _user];

    private void WriteFiles()
    {
        File.WriteAllText(In("haproxy.cfg"), Balancer);
        File.WriteAllText(
            In("cluster.cfg"),
            $"cluster pair\n node lb1 127.0.0.1\n node lb2 192.0.2.2\n vip 192.0.2.25/32 dev {_device}\n port {_port}\n key-file {Key}\n");
    }

    private static void Install(string path, byte[] key)
    {
        File.WriteAllBytes(path, key);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    private static int FreePort()
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private string In(string name) => Path.Combine(_folder.FullName, name);
}
