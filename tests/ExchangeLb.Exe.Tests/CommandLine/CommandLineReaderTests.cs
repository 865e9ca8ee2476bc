using System.Linq;
using ExchangeLb.CommandLine;
using ExchangeLb.Linux.Process;
using FsCheck.Xunit;
using Xunit;

namespace ExchangeLb.Exe.Tests.CommandLine;

public sealed class CommandLineReaderTests
{
    [Fact]
    public void Files_are_kept_in_the_order_given_and_everything_after_two_dashes_is_a_file()
    {
        StartOptions options = Started("-f", "a.cfg", "-c", "-f", "b.cfg", "--", "-c.cfg", "-D");

        Assert.Equal(["a.cfg", "b.cfg", "-c.cfg", "-D"], options.Paths.AsEnumerable());
        Assert.True(options.Check);
        Assert.False(options.Daemon);
    }

    [Fact]
    public void A_node_of_a_cluster_is_started_by_words()
    {
        StartOptions options = Started("-f", "haproxy.cfg", "--cluster", "cluster.cfg", "--node", "lb1", "--state", "/tmp/lb1", "-c");
        StartOptions alone = Started("-f", "haproxy.cfg");

        Assert.Equal(("cluster.cfg", "lb1", "/tmp/lb1", true), (options.ClusterFile, options.Node, options.StateDirectory, options.Check));
        Assert.Equal((null, null, "/run/exchangelb"), (alone.ClusterFile, alone.Node, alone.StateDirectory));
    }

    [Fact]
    public void Help_can_be_asked_for() => Assert.IsType<CommandLineOutcome.ShowHelp>(CommandLineReader.Read(["-f", "a.cfg", "--help"]));

    [Theory]
    [InlineData("--cluster: an argument is missing", "-f", "a.cfg", "--cluster")]
    [InlineData("--node: an argument is missing", "-f", "a.cfg", "--cluster", "b.cfg", "--node")]
    [InlineData("--node: without --cluster there are no nodes to choose from", "-f", "a.cfg", "--node", "lb1")]
    public void What_a_cluster_lacks_is_said(string message, params string[] words) =>
        Assert.Equal(message, Assert.IsType<CommandLineOutcome.Refuse>(CommandLineReader.Read(words)).Message);

    [Fact]
    public void A_flag_takes_the_next_word_whatever_it_looks_like()
    {
        StartOptions options = Started("-L", "-c", "-f", "a.cfg");

        Assert.Equal("-c", options.LocalPeer);
        Assert.False(options.Check);
    }

    [Fact]
    public void Every_flag_of_a_start_script_is_understood()
    {
        StartOptions options = Started("-W", "-q", "-V", "-D", "-p", "/run/x.pid", "-C", "/etc", "-L", "lb1", "-n", "100", "-N", "50",
            "-m", "64", "-dW", "-f", "a.cfg");

        Assert.Equal(
            (true, true, true, true, true, "/run/x.pid", "/etc", "lb1", 100, 50, 64),
            (options.MasterWorker, options.Quiet, options.Verbose, options.Daemon, options.ZeroWarning, options.PidFile, options.Directory,
                options.LocalPeer, options.MaxConn, options.ProxyMaxConn, options.MemoryMiB));
    }

    [Fact]
    public void Old_processes_end_at_the_next_flag_and_may_be_none()
    {
        StartOptions some = Started("-f", "a.cfg", "-sf", "12", "13", "-c");
        StartOptions none = Started("-f", "a.cfg", "-st");

        Assert.Equal([12, 13], some.OldProcesses.AsEnumerable());
        Assert.Equal(Signal.SIGUSR1, some.OldProcessSignal);
        Assert.True(some.Check);
        Assert.Empty(none.OldProcesses);
        Assert.Equal(Signal.SIGTERM, none.OldProcessSignal);
    }

    [Theory]
    [InlineData("-de")]
    [InlineData("-dp")]
    [InlineData("-dr")]
    [InlineData("-dD")]
    [InlineData("-dG")]
    [InlineData("-dL")]
    [InlineData("-dR")]
    [InlineData("-dS")]
    [InlineData("-dV")]
    [InlineData("-dM0x50,help")]
    [InlineData("-dKall")]
    public void Debugging_flags_without_a_subject_here_are_accepted_and_named(string flag) =>
        Assert.Equal([flag], Started(flag, "-f", "a.cfg").WithoutEffect.AsEnumerable());

    [Theory]
    [InlineData("-v", false)]
    [InlineData("-version", false)]
    [InlineData("-vv", true)]
    public void The_version_is_shown_whatever_follows(string flag, bool details) =>
        Assert.Equal(new CommandLineOutcome.ShowVersion(details), CommandLineReader.Read(["-q", flag, "nonsense"]));

    [Theory]
    [InlineData]
    [InlineData("-c")]
    [InlineData("status")]
    [InlineData("-f", "a.cfg", "more")]
    [InlineData("-h")]
    [InlineData("-z")]
    [InlineData("-")]
    [InlineData("")]
    [InlineData("-dX", "-f", "a.cfg")]
    [InlineData("-n", "-f", "a.cfg")]
    public void What_is_not_understood_shows_how_it_is_used(params string[] words) =>
        Assert.IsType<CommandLineOutcome.ShowUsage>(CommandLineReader.Read(words));

    [Theory]
    [InlineData("foo", "foo")]
    [InlineData("more", "-f", "a.cfg", "more")]
    [InlineData("-z", "-z")]
    [InlineData("--clustr", "--clustr", "a.cfg")]
    [InlineData(null)]
    public void What_was_not_understood_is_named(string? named, params string[] words) =>
        Assert.Equal(new CommandLineOutcome.ShowUsage(named), CommandLineReader.Read(words));

    [Theory]
    [InlineData("-x:", "-x", "/run/old.sock", "-f", "a.cfg")]
    [InlineData("-S:", "-S", "/run/master.sock", "-f", "a.cfg")]
    [InlineData("-cc:", "-cc", "version_atleast(2.4)")]
    [InlineData("'many' is not a number", "-n", "many", "-f", "a.cfg")]
    [InlineData("'99999999999' is not a number", "-n", "99999999999", "-f", "a.cfg")]
    [InlineData("'x' is not a process id", "-f", "a.cfg", "-sf", "x")]
    [InlineData("'0' is not a process id", "-f", "a.cfg", "-st", "0")]
    [InlineData("-f: an argument is missing", "-f")]
    public void What_cannot_be_done_is_refused_by_name(string part, params string[] words) =>
        Assert.Contains(part, Assert.IsType<CommandLineOutcome.Refuse>(CommandLineReader.Read(words)).Message, System.StringComparison.Ordinal);

    [Property]
    public bool Any_words_have_an_outcome(string?[] words) =>
        CommandLineReader.Read(System.Array.ConvertAll(words, word => word ?? "-")) is not null;

    private static StartOptions Started(params string[] words) =>
        Assert.IsType<CommandLineOutcome.Start>(CommandLineReader.Read(words)).Options;
}
