using System;
using System.ComponentModel;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Xunit;

namespace ExchangeLb.House.Tests.Documents;

/// <summary>The Vagrantfile, as far as it can be held without a hypervisor. Its scripts are run by tests/provision/run.sh.</summary>
public sealed partial class VagrantTests
{
    private static string Vagrantfile => Repository.Read("vagrant/Vagrantfile");

    [RubyFact]
    public void It_is_Ruby()
    {
        using Process ruby = Process.Start(new ProcessStartInfo("ruby", ["-c", Path.Combine(Repository.Root, "vagrant/Vagrantfile")]) { RedirectStandardOutput = true })!;
        string said = ruby.StandardOutput.ReadToEnd();
        ruby.WaitForExit();

        Assert.Equal("Syntax OK\n", said);
    }

    [Fact]
    public void What_it_uploads_and_runs_is_there()
    {
        string[] uploaded = [.. Uploaded().Matches(Vagrantfile).Select(match => match.Groups["path"].Value)];
        string[] roles = [.. Role().Matches(Vagrantfile).Select(match => match.Groups["role"].Value).Distinct()];

        Assert.NotEmpty(uploaded);
        Assert.Equal(3, roles.Length);
        Assert.All(uploaded, path => Assert.True(Repository.Exists(path), $"{path} is missing"));
        Assert.All(roles, role => Assert.True(
            File.GetUnixFileMode(Path.Combine(Repository.Root, $"vagrant/provision-{role}.sh")).HasFlag(UnixFileMode.UserExecute), $"provision-{role}.sh cannot be run"));
    }

    [Fact]
    public void Its_machines_have_the_addresses_of_the_example_that_they_run()
    {
        string files = Repository.Read("cluster-config/examples/exchange/cluster.cfg") + Repository.Read("cluster-config/examples/exchange/haproxy.cfg");

        Assert.All(Machine().Matches(Vagrantfile).Where(match => match.Groups["role"].Value != "client"), match =>
            Assert.Matches($@"(node|server) {match.Groups["name"].Value} 192\.168\.200\.{match.Groups["last"].Value}\b", files));
    }

    [GeneratedRegex("""["'](?<path>(vagrant|cluster-config)/[\w./-]+)["']""")]
    private static partial Regex Uploaded();

    [GeneratedRegex("role: \"(?<role>\\w+)\"")]
    private static partial Regex Role();

    [GeneratedRegex("\"(?<name>\\w+)\" => \\{ role: \"(?<role>\\w+)\", last: (?<last>\\d+) \\}")]
    private static partial Regex Machine();

    /// <summary>tests/run.sh installs ruby as root; with CI=true it must be there.</summary>
    private sealed class RubyFactAttribute : FactAttribute
    {
        public RubyFactAttribute()
        {
            if (Environment.GetEnvironmentVariable("CI") != "true" && !HasRuby())
            {
                Skip = "needs ruby: sudo tests/run.sh House";
            }
        }

        private static bool HasRuby()
        {
            try
            {
                using Process ruby = Process.Start(new ProcessStartInfo("ruby", ["--version"]) { RedirectStandardOutput = true })!;
                ruby.WaitForExit();
                return ruby.ExitCode == 0;
            }
            catch (Win32Exception)
            {
                return false;
            }
        }
    }
}
