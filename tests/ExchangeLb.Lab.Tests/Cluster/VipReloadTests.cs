using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using ExchangeLb.Lab.Tests.World;
using Xunit;

namespace ExchangeLb.Lab.Tests.Cluster;

public sealed class ReloadingPair() : PairLab(null);

/// <summary>VIPs that come and go in a reload of a real pair.</summary>
public sealed class VipReloadTests(ReloadingPair pair) : IClassFixture<ReloadingPair>
{
    private const string First = "192.168.200.25";
    private const string Second = "192.168.200.26";
    private const int OtherPort = 8443;

    private static readonly TimeSpan Patience = Eventually.Seconds(30);

    [LabTheory]
    [InlineData(443)]
    public void A_second_VIP_comes_serves_fails_over_and_goes_while_the_first_one_serves_on(int port)
    {
        pair.BringUp();
        (string haproxy, string cluster) = (Read("haproxy.cfg"), Read("cluster.cfg"));
        string owner = Owner(First) ?? "nobody";
        string acquired = Acquired(owner, First);
        using Traffic traffic = new(pair, First);
        Held held = new(pair, First);
        try
        {
            Add(haproxy, cluster, port);
            AssertDone(pair.Lab("lb1", "reload", "--all"));
            Eventually.Holds(Patience, () => Serves(Second), () => $"the second VIP does not serve\n{pair.Log()}");
            AssertDone(pair.Lab("lb1", "switchover", "lb1"));
            owner = Owner(First)!;
            acquired = Acquired(owner, First);

            string from = Owner(Second)!;
            string to = from == "lb1" ? "lb2" : "lb1";
            AssertDone(pair.Lab("lb1", "switchover", to, "--vip", Second));
            Assert.Equal(to, Owner(Second));
            Kill(to);
            Eventually.Holds(Eventually.Seconds(5), () => Serves(Second), () => $"it has not failed over\n{pair.Log()}");
            AssertDone(pair.Lab("heal"));
            Assert.Equal(from, Owner(Second));
        }
        finally
        {
            File.WriteAllText(Path("haproxy.cfg"), haproxy);
            File.WriteAllText(Path("cluster.cfg"), cluster);
        }
        AssertDone(pair.Lab("lb1", "reload", "--all"));
        Eventually.Holds(Patience, () => Nodes.All(node => !Has(node, Second)), () => $"something of the second VIP is left\n{pair.Log()}");

        Assert.Equal(owner, Owner(First));
        Assert.Equal(acquired, Acquired(owner, First));
        Assert.Empty(traffic.End());
        Assert.StartsWith("HTTP/1.1 400", held.Use(), StringComparison.Ordinal);
    }

    [LabTheory]
    [InlineData("lb1")]
    [InlineData("lb2")]
    public void Where_one_node_cannot_bind_no_node_has_the_new_configuration(string asked)
    {
        pair.BringUp();
        (string haproxy, string cluster) = (Read("haproxy.cfg"), Read("cluster.cfg"));
        using Process other = Process.Start("ip", [.. pair.In("lb1"), "socat", $"TCP-LISTEN:{OtherPort},fork", "/dev/null"])!;
        try
        {
            Eventually.Holds(Patience, () => Listens("lb1"), () => "the other program does not listen");
            Add(haproxy, cluster, OtherPort);

            Command.Outcome outcome = pair.Lab(asked, "reload", "--all");

            Assert.NotEqual(0, outcome.ExitCode);
            Assert.Contains("all nodes go on with the configuration before", outcome.Output + outcome.Errors, StringComparison.Ordinal);
            Assert.Contains("Address already in use", outcome.Output + outcome.Errors, StringComparison.Ordinal);
            Eventually.Holds(Patience, () => Nodes.All(node => !Has(node, Second)), () => $"something of the refused VIP is left\n{pair.Log()}");
            Assert.False(Listens("lb2"));
            Assert.True(Serves(First));
        }
        finally
        {
            other.Kill(entireProcessTree: true);
            other.WaitForExit();
            File.WriteAllText(Path("haproxy.cfg"), haproxy);
            File.WriteAllText(Path("cluster.cfg"), cluster);
        }
    }

    private static IEnumerable<string> Nodes => ["lb1", "lb2"];

    private void Add(string haproxy, string cluster, int port)
    {
        File.WriteAllText(Path("haproxy.cfg"), haproxy.Replace($"    bind {First}:443\n", $"    bind {First}:443\n    bind {Second}:{port}\n", StringComparison.Ordinal));
        File.WriteAllText(Path("cluster.cfg"), cluster.Replace($"    vip {First}/24 dev eth0\n", $"    vip {First}/24 dev eth0\n    vip {Second}/24 dev eth0\n", StringComparison.Ordinal));
    }

    /// <summary>Its address, its place in the fence, or its own set.</summary>
    private bool Has(string node, string vip) =>
        Inside(node, "ip", "-4", "-brief", "address").Contains(vip + "/", StringComparison.Ordinal)
        || Inside(node, "nft", "list", "table", "arp", "exchangelb_fence").Contains(vip, StringComparison.Ordinal)
        || Inside(node, "nft", "list", "table", "inet", "exchangelb_fence").Contains(vip, StringComparison.Ordinal);

    private string? Owner(string vip) => Nodes.FirstOrDefault(node => Inside(node, "ip", "-4", "-brief", "address").Contains(vip + "/", StringComparison.Ordinal));

    /// <summary>What its journal says of acquisitions.</summary>
    private string Acquired(string node, string vip) =>
        string.Join('\n', pair.Lab(node, "events").Output.Split('\n').Where(line => line.Contains($"owns {vip}", StringComparison.Ordinal) || line.Contains($"gave up {vip}", StringComparison.Ordinal)));

    private bool Serves(string vip) => Ask(pair, vip).ExitCode == 0;

    private bool Listens(string node) => Inside(node, "ss", "-Hltn", $"sport = :{OtherPort}").Length > 0;

    private void Kill(string node) => Process.GetProcessById(int.Parse(Read(node + ".pid").Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture)).Kill();

    private string Inside(string host, params string[] command) => Command.Run("ip", [.. pair.In(host), .. command]);

    private static void AssertDone(Command.Outcome outcome) => Assert.True(outcome.ExitCode == 0, outcome.Output + outcome.Errors);

    private static Command.Outcome Ask(PairLab pair, string vip) => Command.Try("ip", [.. pair.In("client"), "curl", "--silent", "--fail", "--output", "/dev/null",
        "--max-time", "3", "--cacert", System.IO.Path.Combine(pair.State, "ca.crt"), "--resolve", $"mail.vcloudlab.local:443:{vip}", "https://mail.vcloudlab.local/owa/healthcheck.htm"]);

    private string Path(string file) => System.IO.Path.Combine(pair.State, file);

    private string Read(string file) => File.ReadAllText(Path(file));

    /// <summary>New connections, one after the other, until the end.</summary>
    private sealed class Traffic : IDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly Task<List<string>> _running;

        internal Traffic(PairLab pair, string vip) => _running = Task.Run(() =>
        {
            List<string> failed = [];
            while (!_stop.IsCancellationRequested)
            {
                Command.Outcome outcome = Ask(pair, vip);
                if (outcome.ExitCode != 0) { failed.Add($"curl {outcome.ExitCode} at {DateTime.UtcNow:HH:mm:ss.fff}"); }
            }
            return failed;
        });

        /// <returns>What failed.</returns>
        internal List<string> End()
        {
            _stop.Cancel();
            return _running.Result;
        }

        public void Dispose()
        {
            End();
            _stop.Dispose();
        }
    }

    /// <summary>One connection that is open all the time: to a server that speaks TLS, which says so when it is asked in clear.</summary>
    private sealed class Held
    {
        private readonly Process _client;

        internal Held(PairLab pair, string vip) => _client = Process.Start(new ProcessStartInfo("ip",
            [.. pair.In("client"), "bash", "-c", $"exec 3<>/dev/tcp/{vip}/443; read -r; printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3; head -n 1 <&3"])
        { RedirectStandardInput = true, RedirectStandardOutput = true })!;

        internal string Use()
        {
            _client.StandardInput.WriteLine();
            using (_client) { return _client.StandardOutput.ReadToEnd(); }
        }
    }
}
