using System.Collections.Immutable;
using System.Linq;
using System.Net;
using ExchangeLb.Config.Keywords;
using ExchangeLb.Config.Proxies;
using static ExchangeLb.Config.Keywords.Support;

namespace ExchangeLb.Config.Cluster;

/// <summary>The options of one `node` line as read so far.</summary>
internal sealed class NodeDraft
{
    public int Priority { get; set; }

    public int Id { get; set; }
}

/// <summary>`node NAME ADDRESS[,ADDRESS] [priority N] [id N]`: one address a link, the service network's first.</summary>
internal static class NodeLine
{
    public const string Syntax = "<name> <address>[,<address>] [<option>…]";

    public static KeywordTable<NodeDraft> Table { get; } = new(
    [
        Option("priority", $"<0..{ClusterLimits.Priority}>", "the higher one is preferred where a VIP has no order of its own; default 0",
            (draft, line) => draft.Priority = line.TryInteger(0, ClusterLimits.Priority, out int priority) ? priority : 0),
        Option("id", "<n>", "the node's number in messages; default: its place in the file. Give ids before you reorder or remove nodes of a running cluster",
            (draft, line) => draft.Id = line.TryInteger(1, int.MaxValue, out int id) ? id : 0),
    ]);

    public static void Read(ClusterDraft cluster, Arguments line)
    {
        cluster.HasNodeLine = true;
        string name = line.Take();
        string addresses = line.Take();
        line.Keyword = $"node {name}";
        NodeDraft draft = new();
        OptionList.Read(Table, SectionKinds.Cluster, draft, line);
        line.Keyword = $"node {name}";
        if (!NameIsRight(name, line) || ReadAddresses(addresses, line) is not { IsDefaultOrEmpty: false } links)
        {
            return;
        }
        if (cluster.Nodes.Count == ClusterLimits.Nodes)
        {
            line.Alert($"is one more than the {ClusterLimits.Nodes} that a cluster may have", "remove one");
            return;
        }
        cluster.Nodes.Add(new(new((uint)draft.Id, name, links, draft.Priority), line.Place));
    }

    /// <summary>The alphabet of HAProxy's names, short enough for messages and tables.</summary>
    public static bool NameIsRight(string name, Arguments line)
    {
        if (name.Length is 0 or > ClusterLimits.NameLength)
        {
            line.Alert($"has a name of {name.Length} characters", $"use 1 to {ClusterLimits.NameLength}");
            return false;
        }
        if (SectionNames.FirstBadCharacter(name) is { } bad)
        {
            line.Alert($"has a character in its name '{name}' that names can't have: '{bad}'", "use letters, digits, '.', '_', '-' and ':'");
            return false;
        }
        return true;
    }

    private static ImmutableArray<IPAddress> ReadAddresses(string text, Arguments line)
    {
        string[] parts = text.Split(',');
        if (parts.Length > ClusterLimits.Links)
        {
            line.Alert($"has {parts.Length} addresses", "write one for the service network and at most one for a second network");
            return [];
        }
        IPAddress?[] addresses = [.. parts.Select(part => ClusterAddress.Read(part, line))];
        return addresses.Contains(null) ? [] : [.. addresses.Select(address => address!)];
    }

    private static Keyword<NodeDraft> Option(string name, string syntax, string description, System.Action<NodeDraft, Arguments> parse) =>
        new(name, SectionKinds.Cluster, Run, description, parse) { Syntax = syntax, MinArguments = 1, MaxArguments = 1 };
}
