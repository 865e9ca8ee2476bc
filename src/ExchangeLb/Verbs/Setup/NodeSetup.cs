using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using ExchangeLb.Cluster.Engine.Corosync;
using ExchangeLb.Clustering;
using ExchangeLb.CommandLine;
using ExchangeLb.Config;
using ExchangeLb.Config.Cluster;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Text;
using ExchangeLb.Linux.Process;
using ExchangeLb.Messages;
using ExchangeLb.Starting;

namespace ExchangeLb.Verbs.Setup;

/// <summary>
/// Makes a host a node that can be started:
/// <list type="number">
/// <item>both files are read, and which node this is, is found out;</item>
/// <item>what the files expect of the host is looked for: devices, the balancer's user;</item>
/// <item>the key: made, taken over from another node, or only checked;</item>
/// <item>nothing must stand in Corosync's way: another Corosync, a port in use, an address that is not here;</item>
/// <item>Corosync's file is written, with the right of the balancer's user to talk to it;</item>
/// <item>what is to be done on the other nodes is said.</item>
/// </list>
/// It can be run again at any time.
/// </summary>
internal sealed class NodeSetup(StartOptions options, StartMessages messages)
{
    /// <summary>A file with another node's key, or "-"; null: made here, if there is none.</summary>
    public string? Key { get; init; }

    public required string User { get; init; }

    /// <summary>Corosync's.</summary>
    public required string Folder { get; init; }

    /// <summary>Before a start: nothing is made but Corosync's file, and nothing is said.</summary>
    public bool Refresh { get; init; }

    /// <returns>Null, or what is wrong and what to do, in one line; what is wrong in a file has been said with its line.</returns>
    public string? Run()
    {
        if (!Privileges.IsRoot)
        {
            return "this needs root: sudo exchangelb cluster-setup";
        }
        // 1.
        messages.Silent = false;
        if (ConfigurationLoad.Read(options with { Quiet = false }, messages, sayWarnings: !Refresh) is not { Cluster: { } model } loaded)
        {
            return $"the files must be right first: exchangelb -c -f {options.Paths[0]} --cluster {options.ClusterFile}";
        }
        if (ClusterSetup.For(options, model, messages) is not { } setup)
        {
            return $"{options.ClusterFile} does not say which node this host is";
        }
        // 2.
        if (ThisNode.MissingDevice(model, ClusterSetup.HostDevices(), out _) is { } missing)
        {
            return missing;
        }
        if (Account.FindUser(User) is not { UserId: var userId })
        {
            return $"there is no user '{User}' on this host, whom the balancer runs as: the package makes it; else useradd --system {User}, or --user";
        }
        if (!Refresh && userId != 0)
        {
            UnderUnit.SayLimits(loaded, messages);
        }
        if (model.Nodes.Length == 1)
        {
            Say($"{setup.Self.Name} is the only node of {model.Name}: it needs neither key nor Corosync.");
            return null;
        }
        // 3. and 4.
        if (PrepareKey(model.KeyFile) is { } problem)
        {
            return problem;
        }
        if (CorosyncPreparation.Obstacle(model, setup.Self, Folder) is { } obstacle)
        {
            return obstacle;
        }
        // 5.
        try
        {
            string file = CorosyncPreparation.Write(model, Folder, userId == 0 ? null : userId);
            Say($"{setup.Self.Name} of {model.Name} is ready: {model.KeyFile} is the key, {file} is written.");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return $"{Folder}: {failure.Message}";
        }
        // 6.
        SayNext(model, setup.Self);
        return null;
    }

    /// <summary>A file that is wrong has none: whoever runs the balancer will say what is wrong with it.</summary>
    public static bool HasPeers(string file) => ClusterConfigurationReader.Read(file, new ReaderOptions(), new DiagnosticList()) is { Nodes.Length: > 1 };

    private string? PrepareKey(string path)
    {
        if (Key is null)
        {
            return !Refresh && !File.Exists(path) ? ClusterKey.Create(path)
                : Refresh && !File.Exists(path) ? $"key-file {path} is not there: exchangelb cluster-setup makes it on the first node, and says how to bring it to the others"
                : ClusterKey.Problem(path);
        }
        try
        {
            using Stream source = Key == "-" ? Console.OpenStandardInput() : File.OpenRead(Key);
            byte[] key = new byte[ClusterKey.BytesMax + 1];
            int length = source.ReadAtLeast(key, key.Length, throwOnEndOfStream: false);
            return ClusterKey.Install(path, key.AsSpan(0, length)) is { } problem ? $"--key {Key}: {problem}" : ClusterKey.Problem(path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return $"--key {Key}: {failure.Message}";
        }
    }

    /// <summary>The key goes through ssh, into a file that is its owner's alone from its first byte on.</summary>
    private void SayNext(ClusterModel model, ClusterNodeModel self)
    {
        IEnumerable<ClusterNodeModel> others = Key is null ? model.Nodes.Where(node => node.Id != self.Id) : [];
        foreach (ClusterNodeModel other in others)
        {
            Say($"For {other.Name}, with the same two files there, run here:");
            Say($"    ssh root@{other.Addresses[0]} exchangelb cluster-setup --key - --start < {model.KeyFile}");
        }
        Say($"To start {self.Name}: systemctl enable --now exchangelb");
    }

    private void Say(string text)
    {
        if (!Refresh)
        {
            Console.Out.WriteLine(text);
        }
    }
}
