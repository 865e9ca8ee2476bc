using System;
using System.CommandLine;
using System.IO;
using ExchangeLb.Cluster.Engine.Corosync;
using ExchangeLb.CommandLine;
using ExchangeLb.Messages;
using ExchangeLb.Verbs.Setup;

namespace ExchangeLb.Verbs;

/// <summary>`exchangelb cluster-setup`: from two files that were written to a node that can be started. Asks nothing that these say.</summary>
internal static class SetupVerb
{
    public const string Name = "cluster-setup";

    private const string Configuration = "/etc/exchangelb";

    private static readonly string[] DefaultFiles = [Path.Combine(Configuration, "haproxy.cfg")];

    public static Command Make()
    {
        Option<string[]> files = new("-f") { Description = "the balancer's configuration", HelpName = "file", DefaultValueFactory = _ => DefaultFiles };
        Option<string> cluster = new("--cluster") { Description = "the cluster's", HelpName = "file", DefaultValueFactory = _ => Path.Combine(Configuration, "cluster.cfg") };
        Option<string?> node = new("--node") { Description = "which of its nodes this host is (default: by the host's name, else by its addresses)", HelpName = "name" };
        Option<string?> key = new("--key") { Description = "take the key from this file of another node's; '-': from standard input", HelpName = "file" };
        Option<string> user = new("--user") { Description = "who runs the balancer", HelpName = "name", DefaultValueFactory = _ => "exchangelb" };
        Option<string> folder = new("--corosync") { Description = "where Corosync's files are kept", HelpName = "directory", DefaultValueFactory = _ => CorosyncUnit.Folder };
        Option<bool> start = new("--start") { Description = "then start the node, now and whenever the host starts (systemctl enable --now exchangelb)" };
        Option<bool> refresh = new("--refresh") { Description = "as a unit does before each start: makes no key, and says nothing where all is well" };
        Option<bool> peers = new("--has-peers") { Description = "only say by the exit code whether the file has another node, and so Corosync and a guard are needed" };
        Command verb = new(Name, "Checks this host and its files, makes the cluster's key where there is none, writes what Corosync reads, and says what to do on the other nodes. As root.")
        {
            files, cluster, node, key, user, folder, start, refresh, peers,
        };
        verb.SetAction(line =>
        {
            if (line.GetValue(peers))
            {
                return NodeSetup.HasPeers(line.GetRequiredValue(cluster)) ? VerbExit.Good : VerbExit.WarningOrRefused;
            }
            StartMessages messages = new(() => Console.Error, () => Console.Out, Environment.ProcessId);
            StartOptions options = new()
            {
                Paths = [.. line.GetRequiredValue(files)],
                ClusterFile = line.GetRequiredValue(cluster),
                Node = line.GetValue(node),
                Quiet = line.GetValue(refresh),
            };
            NodeSetup setup = new(options, messages)
            {
                Key = line.GetValue(key),
                User = line.GetRequiredValue(user),
                Folder = Path.GetFullPath(line.GetRequiredValue(folder)),
                Refresh = line.GetValue(refresh),
            };
            if (setup.Run() is { } problem)
            {
                VerbLine.Complain(Name, problem);
                return VerbExit.WarningOrRefused;
            }
            return line.GetValue(start) ? Units.Start() : VerbExit.Good;
        });
        return verb;
    }
}
