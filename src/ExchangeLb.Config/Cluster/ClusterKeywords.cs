using System;
using ExchangeLb.Config.Keywords;
using ExchangeLb.Core.Model;
using static ExchangeLb.Config.Keywords.Support;

namespace ExchangeLb.Config.Cluster;

/// <summary>The words of a `cluster` section.</summary>
internal static class ClusterKeywords
{
    public static KeywordTable<ClusterDraft> Table { get; } = new(
    [
        Row("node", NodeLine.Syntax, "a node and its address in each network, the service network's first", NodeLine.Read),
        Row("vip", VipLine.Syntax, "an address that one node at a time owns, and its device", VipLine.Read),
        Once("key-file", "<path>", "the secret that the nodes share; readable by its owner alone, the same on every node; default /etc/exchangelb/cluster.key",
            (cluster, line) => cluster.KeyFile = line.TryText("path", out string path) ? new(path, line.Place) : null),
        Once("lease", "<time>", "how long an owner serves on the last word of its peers, and so how long a takeover may take: 60ms to 10s; default 400ms, 555ms with three and more nodes",
            LeaseLine.Read),
        Once("port", "<n>", "UDP port of the cluster's messages in the first network; a second network uses the next one; TCP port of connections that move; default 5405",
            (cluster, line) => cluster.Port = line.TryInteger(1, ushort.MaxValue, out int port) ? new(port, line.Place) : null),
        Once("preempt", "[delay <time>]", "a preferred node takes a VIP back once it has been fit for so long (default 5s); without this line a VIP stays where it is",
            ClusterLines.Preempt),
        Once("hook", "<command>", "run by /bin/sh at each change of owner; quote it", ClusterLines.Hook) with { MaxArguments = int.MaxValue },
        Row("gateway", "<address>…", "neighbours in the service network that a node must reach to own a VIP, while another node does", ClusterLines.Gateway),
        Once("hand-over", "off|planned|full", "established connections go along with a virtual IP that is moved in order, and those that are quiet outlive the crash of its owner (full, the default); only the former (planned); or all end (off)", ClusterLines.HandOver),
        Row("forward", "<proxy> proxy", "connections of this section are relayed by the process, as all are by default", ClusterLines.Forward),
        Refuse("witness", "two nodes decide by themselves: remove the line; a third node that is never preferred gives a third vote"),
    ]);

    private static Keyword<ClusterDraft> Row(string name, string syntax, string description, Action<ClusterDraft, Arguments> parse)
    {
        (int min, int max) = Arity.Of(syntax);
        return new(name, SectionKinds.Cluster, Run, description, parse) { Syntax = syntax, MinArguments = min, MaxArguments = max };
    }

    /// <summary>A word that stands once: the second one would silently win or lose.</summary>
    private static Keyword<ClusterDraft> Once(string name, string syntax, string description, Action<ClusterDraft, Arguments> parse) =>
        Row(name, syntax, description, (cluster, line) =>
        {
            if (cluster.Written.TryGetValue(name, out SourcePlace first))
            {
                line.Alert($"stands in line {first.Line} already", "remove one of the two");
                return;
            }
            cluster.Written.Add(name, line.Place);
            parse(cluster, line);
        });

    private static Keyword<ClusterDraft> Refuse(string name, string remedy) =>
        new(name, SectionKinds.Cluster, Refused, remedy, null);
}
