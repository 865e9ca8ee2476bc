using System;
using System.Collections.Immutable;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.NetworkInformation;
using System.Threading;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.CommandLine;
using ExchangeLb.Config.Cluster;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Text;
using ExchangeLb.Messages;

namespace ExchangeLb.Clustering;

/// <summary>What a node of a cluster knows before it starts.</summary>
/// <param name="self">This node.</param>
internal sealed class ClusterSetup(ClusterModel model, ClusterNodeModel self, ClusterPaths paths)
{
    /// <summary>5 s: a unit that fails at this pace is started again for ever (StartLimitIntervalSec=30, StartLimitBurst=10).</summary>
    private const int LooksAtStart = 25;

    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(200);

    private ClusterModel _model = model;

    /// <summary>A reload replaces it whole, with the same nodes (<see cref="ClusterChange"/>) and VIPs in the same places (<see cref="VipPlaces"/>).</summary>
    public ClusterModel Model
    {
        get => Volatile.Read(ref _model);
        set => Volatile.Write(ref _model, value);
    }

    public ClusterNodeModel Self => self;

    public ClusterPaths Paths => paths;

    /// <summary>Of this life of the node, higher than in earlier ones: <see cref="StateFolder.NextIncarnation"/>. 0 where none was begun, as in the guard.</summary>
    public ulong Incarnation { get; init; }

    public ClusterSetup As(ulong incarnation) => new(Model, Self, Paths) { Incarnation = incarnation, Units = Units };

    /// <summary>Corosync and the guard are run by units of systemd.</summary>
    public bool Units { get; init; }

    public NodeId SelfId => new(Self.Id);

    /// <returns>Null after an alert: none of the nodes is this host.</returns>
    public static ClusterSetup? For(StartOptions options, ClusterModel model, StartMessages messages)
    {
        (ClusterNodeModel? self, string problem) = ThisNode.Find(model, options.Node, Environment.MachineName, HostAddresses());
        if (self is null)
        {
            messages.Alert(problem);
            return null;
        }
        ClusterPaths paths = new(Path.GetFullPath(options.StateDirectory), Path.GetFullPath(options.ClusterFile!));
        return new ClusterSetup(model, self, paths) { Units = options.Units };
    }

    /// <summary>For people: a node that is not configured (any more) is named by its number.</summary>
    public string NameOf(NodeId node) => Model.NameOf(node.Value);

    public ClusterNodeModel? Find(string name) =>
        Model.Nodes.FirstOrDefault(node => string.Equals(node.Name, name, StringComparison.OrdinalIgnoreCase));

    /// <summary>
    /// A host without the node's first address is no such node: nobody would hear of it. Nor is one without any device of the virtual IPs. Under units what is
    /// late is waited for.
    /// </summary>
    /// <returns>False after an alert.</returns>
    public bool IsHere(StartMessages messages)
    {
        (string Text, bool Fatal)[] lacks = Lacks();
        for (int looks = Units ? LooksAtStart : 0; looks > 0 && lacks.Any(lack => lack.Fatal); looks--)
        {
            Thread.Sleep(LookEvery);
            lacks = Lacks();
        }
        foreach ((string text, bool fatal) in lacks) { messages.Say(fatal ? Severity.Alert : Severity.Warning, text); }
        return !lacks.Any(lack => lack.Fatal);
    }

    /// <summary>What this host has not, and whether it can be no node without it.</summary>
    private (string Text, bool Fatal)[] Lacks()
    {
        string? address = ThisNode.Missing(Model, Self, HostAddresses(), out bool noNode);
        string? device = ThisNode.MissingDevice(Model, HostDevices(), out bool noOwner);
        (string? Text, bool Fatal)[] looked = [(address, noNode), (device, noOwner)];
        return [.. looked.Where(lack => lack.Text is not null).Select(lack => (lack.Text!, lack.Fatal))];
    }

    public static ImmutableArray<string> HostDevices() => [.. NetworkInterface.GetAllNetworkInterfaces().Select(device => device.Name)];

    public static ImmutableArray<IPAddress> HostAddresses() =>
        [.. NetworkInterface.GetAllNetworkInterfaces().SelectMany(device => device.GetIPProperties().UnicastAddresses).Select(found => found.Address)];
}
