using System;
using System.Collections.Generic;
using System.Text;
using ExchangeLb.Config.Cluster;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Text;

namespace ExchangeLb.Fuzz.Targets;

/// <summary>The reader of cluster.cfg. Either there is a model whose ids, names and links hold, or at least one alert says why not.</summary>
internal sealed class ClusterTarget : FuzzTarget
{
    public override string Name => "cluster";

    public override IReadOnlyList<byte[]> Seeds { get; } =
    [
        Encoding.ASCII.GetBytes("cluster exchange\n node lb1 192.168.200.21,10.0.0.21 priority 100\n node lb2 192.168.200.22,10.0.0.22\n"
            + " vip 192.168.200.25/24 dev eth0 prefer lb2,lb1\n key-file /k\n lease 400ms\n port 5405\n preempt delay 1s\n gateway 192.168.200.1\n hook 'x y'\n"),
        Encoding.ASCII.GetBytes("cluster six\n node a fd00::1\n node b fd00::2 id 9\n node c fd00::3\n vip fd00::25/64 dev eth0\n forward a proxy\n"),
    ];

    public override IReadOnlyList<string> Tokens { get; } =
    [
        "\ncluster ", "\n node ", "\n vip ", " dev ", " prefer ", " priority ", " id ", "\n lease ", "60ms", "10s", "59ms", ",", "/32", "/0", "/129", "::", "%eth0", "\"", "${X}",
        "\n gateway ", "\n preempt delay ", "\n hook ", "\n witness ", "\n port 65535\n", "4294967296", "::ffff:1.2.3.4", "0.0.0.0", "\n forward a dr\n", ".if true\n", ".endif\n",
    ];

    public override void Run(byte[] input, Random random)
    {
        DiagnosticList diagnostics = new();
        ClusterModel? model = ClusterConfigurationReader.ReadText("fuzz.cfg", input, ConfigurationTarget.NoHost, diagnostics);
        if (model is null != diagnostics.HasAlerts)
        {
            throw new InvalidOperationException($"model: {model is not null}, alerts: {diagnostics.AlertCount}");
        }
        if (model is null)
        {
            return;
        }
        HashSet<uint> ids = [];
        HashSet<string> names = new(StringComparer.OrdinalIgnoreCase);
        foreach (ClusterNodeModel node in model.Nodes)
        {
            if (node.Id == 0 || !ids.Add(node.Id) || !names.Add(node.Name) || node.Addresses.Length != model.Nodes[0].Addresses.Length)
            {
                throw new InvalidOperationException($"node {node.Name} is accepted, and should not be");
            }
        }
    }

    public override long AllocationLimit(int length) => (64L << 20) + (20_000L * length);
}
