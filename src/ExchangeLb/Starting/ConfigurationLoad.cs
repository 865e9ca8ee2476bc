using System.Collections.Generic;
using System.Collections.Immutable;
using System.IO;
using System.Linq;
using System.Net;
using ExchangeLb.Cluster.Engine.Corosync;
using ExchangeLb.Clustering;
using ExchangeLb.CommandLine;
using ExchangeLb.Config;
using ExchangeLb.Config.Cluster;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Text;
using ExchangeLb.Linux.Process;
using ExchangeLb.Messages;

namespace ExchangeLb.Starting;

/// <summary>Reads the configuration and says all that there is to say about it, in one go.</summary>
internal static class ConfigurationLoad
{
    /// <param name="sayWarnings">False in the background: the process in the foreground has said them.</param>
    /// <returns>Null after alerts, which have been said.</returns>
    public static LoadedConfiguration? Read(StartOptions options, StartMessages messages, bool sayWarnings)
    {
        DiagnosticList found = new();
        ReaderOptions reader = new()
        {
            LocalPeer = options.LocalPeer,
            UserId = name => (int?)Account.FindUser(name)?.UserId,
            GroupId = name => (int?)Account.FindGroup(name),
            HasCluster = options.ClusterFile is not null,
            KeyFileProblem = options.Check && Privileges.IsRoot ? KeyFileProblem : _ => null, // a start refuses by itself, cluster-setup makes it
        };
        LoadBalancerModel? model = ConfigurationReader.Read(options.Paths, reader, found);
        if (model is not null)
        {
            model = model with { Global = Identity.Resolve(model.Global, followed: options.ClusterFile is null, found) };
        }
        ClusterModel? cluster = options.ClusterFile is { } file ? ReadCluster(file, options, reader, model, found) : null;
        messages.Silent = IsSilent(options, model?.Global.Quiet ?? false);
        Report(found.Items, messages, sayWarnings);
        if (model is null || found.HasAlerts)
        {
            messages.Alert("config : Fatal errors found in configuration.");
            return null;
        }
        if (found.HasWarnings && (options.ZeroWarning || model.Global.ZeroWarning))
        {
            messages.Alert("config : Warnings were found, and 'zero-warning' (-dW) takes them for errors.");
            return null;
        }
        return new(options.ProxyMaxConn > 0 ? WithProxyMaxConn(model, options.ProxyMaxConn) : model, cluster, found.HasWarnings);
    }

    /// <summary>The cluster's file, then both files side by side. Which node this host is only matters to whoever runs it: -c is also asked elsewhere.</summary>
    private static ClusterModel? ReadCluster(string file, StartOptions options, ReaderOptions reader, LoadBalancerModel? balancer, DiagnosticList found)
    {
        ClusterModel? cluster = ClusterConfigurationReader.Read(file, reader, found);
        if (cluster is null)
        {
            return null;
        }
        if (options.Node is { } name)
        {
            (ClusterNodeModel? node, string problem) = ThisNode.Find(cluster, name, "", []);
            if (node is null)
            {
                found.Alert(null, problem);
            }
            else if (options.Check && ThisNode.Missing(cluster, node, ClusterSetup.HostAddresses(), out _) is { } missing)
            {
                found.Notice(null, missing);
            }
        }
        WarnOfThisHost(cluster, options, balancer, found);
        if (balancer is not null)
        {
            BesideHaproxyChecks.Run(balancer, cluster, file, found);
        }
        return cluster;
    }

    /// <summary>Only where the file is tried on one of its nodes, which is known by its address.</summary>
    private static void WarnOfThisHost(ClusterModel cluster, StartOptions options, LoadBalancerModel? balancer, DiagnosticList found)
    {
        ImmutableArray<IPAddress> addresses = options.Check ? ClusterSetup.HostAddresses() : [];
        if (!cluster.Nodes.Any(node => addresses.Contains(node.Addresses[0])))
        {
            return;
        }
        if (ThisNode.MissingDevice(cluster, ClusterSetup.HostDevices(), out _) is { } missing)
        {
            found.Warning(null, missing);
        }
        if (balancer is not null)
        {
            BesideHaproxyChecks.WarnOfStrangers(balancer, cluster, addresses, found);
        }
    }

    private static string? KeyFileProblem(string path) =>
        File.Exists(path) ? ClusterKey.Problem(path) : $"key-file {path} is not there, and a node does not start without it; 'exchangelb cluster-setup' makes it, or takes another node's";

    /// <summary>-q hides, -V and -d show again; the file's `quiet` is also overruled by -db.</summary>
    public static bool IsSilent(StartOptions options, bool quietInFile) =>
        !options.Verbose && !options.Debug && (options.Quiet || (quietInFile && !options.Foreground));

    private static void Report(IReadOnlyList<Diagnostic> items, StartMessages messages, bool sayWarnings)
    {
        foreach (Diagnostic item in items)
        {
            if (sayWarnings || item.Severity == Severity.Alert)
            {
                messages.Say(item.Severity, MessageShape.FormatConfiguration(item));
            }
        }
        // Loops, not LINQ: queries over structs are compiled while the program starts, which takes longer than all of this.
        HashSet<string> files = [];
        foreach (Diagnostic item in items)
        {
            if (item is { Severity: Severity.Alert, Place: { } place } && files.Add(place.File))
            {
                messages.Alert($"config : Error(s) found in configuration file : {place.File}");
            }
        }
    }

    private static LoadBalancerModel WithProxyMaxConn(LoadBalancerModel model, int maxConn) => model with
    {
        Proxies = [.. model.Proxies.Select(proxy => proxy.Frontend is { MaxConn: 0 } frontend
            ? proxy with { Frontend = frontend with { MaxConn = maxConn } }
            : proxy)],
    };
}
