using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;
using ExchangeLb.CommandLine;
using ExchangeLb.Config;
using ExchangeLb.Config.Cluster;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Text;
using Xunit;

namespace ExchangeLb.House.Tests.Documents;

/// <summary>docker-compose.yml and Dockerfile, as far as they can be held against the files that they name. They were run by hand: cluster-config/docker/README.md.</summary>
public sealed partial class ContainersTests
{
    private const string Configuration = "/etc/exchangelb/";

    private static string Compose => Repository.Read("docker-compose.yml");

    public static TheoryData<string> Texts => DocumentationTests.Texts;

    [Fact]
    public void What_the_images_are_made_of_is_there() =>
        Assert.All(CopyLine().Matches(Repository.Read("Dockerfile")).SelectMany(match => match.Groups["sources"].Value.Split(' ')),
            source => Assert.True(Repository.Exists(source), $"{source} is missing"));

    [Fact]
    public void The_build_is_given_what_the_images_are_made_of()
    {
        string[] given = [.. Repository.Read(".dockerignore").Split('\n').Where(line => line.StartsWith('!')).Select(line => line[1..])];

        Assert.All(CopyLine().Matches(Repository.Read("Dockerfile")).SelectMany(match => match.Groups["sources"].Value.Split(' ')),
            source => Assert.Contains(given, path => source == path || source.StartsWith(path + "/", StringComparison.Ordinal)));
    }

    [Fact]
    public void The_balancers_are_started_with_flags_and_files_that_exist()
    {
        string[][] commands = [.. Command().Matches(Compose).Select(match => match.Groups["words"].Value.Split(", "))];

        Assert.Equal(2, commands.Length);
        Assert.All(commands, words =>
        {
            StartOptions options = Assert.IsType<CommandLineOutcome.Start>(CommandLineReader.Read(words)).Options;
            Assert.All([.. options.Paths, options.ClusterFile!], file => Assert.True(Repository.Exists(InRepository(file)), $"{file} is missing"));
            Assert.NotNull(options.Node);
        });
    }

    [Fact]
    public void Nodes_and_servers_have_the_addresses_of_the_configuration()
    {
        ClusterModel cluster = ClusterConfigurationReader.ReadText("cluster.cfg", Repository.Read("cluster-config/docker/cluster.cfg"), new ReaderOptions(), new DiagnosticList())!;
        string haproxy = Repository.Read("cluster-config/haproxy.cfg");

        Assert.All(cluster.Nodes, node => Assert.Equal(node.Addresses[0].ToString(), AddressOf(node.Name)));
        Assert.Contains($"bind {cluster.Vips[0].Address}:443", haproxy, StringComparison.Ordinal);
        Assert.All(["exchange1", "exchange2"], server => Assert.Contains($"server {server} {AddressOf(server)}:443", haproxy, StringComparison.Ordinal));
        Assert.Contains($"vip={cluster.Vips[0].Address}", Repository.Read("cluster-config/docker/client.sh"), StringComparison.Ordinal);
    }

    /// <summary>Without real-time scheduling Corosync's token must be 300 ms and more (src/decisions, 0002).</summary>
    [Fact]
    public void The_lease_is_one_for_a_host_without_real_time_scheduling()
    {
        ClusterModel cluster = ClusterConfigurationReader.ReadText("cluster.cfg", Repository.Read("cluster-config/docker/cluster.cfg"), new ReaderOptions(), new DiagnosticList())!;

        Assert.True(cluster.Timings.Token >= TimeSpan.FromMilliseconds(300));
        Assert.Contains($"token {cluster.Timings.Token.TotalMilliseconds:0} ms", Repository.Read("cluster-config/docker/README.md"), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Texts))]
    public void A_service_that_is_named_in_a_command_is_one(string file)
    {
        string[] services = [.. Service().Matches(Compose).Select(match => match.Groups["name"].Value)];

        IEnumerable<string> named = ShellText.CallsOf("docker", new MarkdownText(file))
            .Where(words => words.Length > 3 && words[1] == "compose")
            .Select(words => words.Skip(3).FirstOrDefault(word => !word.StartsWith('-')))
            .OfType<string>();

        Assert.Empty(named.Except(services));
    }

    private static string InRepository(string file) => "cluster-config/" + file[Configuration.Length..];

    private static string AddressOf(string service) =>
        Regex.Match(Compose, $@"^  {service}:.*?ipv4_address: (?<address>\S+)", RegexOptions.Multiline | RegexOptions.Singleline).Groups["address"].Value;

    [GeneratedRegex(@"^COPY (?!--from)(?<sources>.+) \S+$", RegexOptions.Multiline)]
    private static partial Regex CopyLine();

    [GeneratedRegex(@"^    command: \[(?<words>.+)\]$", RegexOptions.Multiline)]
    private static partial Regex Command();

    [GeneratedRegex(@"^  (?<name>[a-z0-9]+):$", RegexOptions.Multiline)]
    private static partial Regex Service();
}
