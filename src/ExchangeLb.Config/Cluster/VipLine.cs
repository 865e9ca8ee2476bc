using System.Collections.Immutable;
using System.Linq;
using ExchangeLb.Config.Keywords;
using static ExchangeLb.Config.Keywords.Support;

namespace ExchangeLb.Config.Cluster;

/// <summary>The options of one `vip` line as read so far.</summary>
internal sealed class VipDraft
{
    public string? Device { get; set; }

    public ImmutableArray<string> Prefer { get; set; } = [];
}

/// <summary>`vip ADDRESS/LENGTH dev DEVICE [prefer NODE[,NODE…]]`.</summary>
internal static class VipLine
{
    public const string Syntax = "<address>/<length> dev <device> [<option>…]";

    public static KeywordTable<VipDraft> Table { get; } = new(
    [
        Option("dev", "<device>", "the network device of the service network that gets the address, the same name on every node",
            (draft, line) => draft.Device = DeviceIsRight(line.Take(), line, out string device) ? device : ""),
        Option("prefer", "<node>[,<node>…]", "who shall own this VIP, the preferred node first; default: by priority",
            (draft, line) => draft.Prefer = [.. line.Take().Split(',')]),
    ]);

    public static void Read(ClusterDraft cluster, Arguments line)
    {
        cluster.HasVipLine = true;
        string text = line.Take();
        line.Keyword = $"vip {text}";
        VipDraft draft = new();
        bool understood = OptionList.Read(Table, SectionKinds.Cluster, draft, line);
        line.Keyword = $"vip {text}";
        if (ClusterAddress.ReadWithLength(text, line) is not { } found || !understood)
        {
            return;
        }
        if (draft.Device is null)
        {
            line.Alert("lacks its device", $"write: vip {text} dev <device>");
        }
        else if (cluster.Vips.Count == ClusterLimits.Vips)
        {
            line.Alert($"is one more than the {ClusterLimits.Vips} that a cluster may have", "remove one");
        }
        else
        {
            cluster.Vips.Add(new(new(found.Address, found.Length, draft.Device, draft.Prefer), line.Place));
        }
    }

    /// <summary>What the kernel takes as a device's name (dev_valid_name).</summary>
    private static bool DeviceIsRight(string name, Arguments line, out string device)
    {
        device = name;
        if (name.Length > ClusterLimits.DeviceLength)
        {
            line.Alert($"has a name of {name.Length} characters", $"a network device's name has 1 to {ClusterLimits.DeviceLength}");
            return false;
        }
        if (name is "." or ".." || name.Any(c => c is '/' or ':' || c <= ' ' || c > '~'))
        {
            line.Alert($"names '{name}', which can't be a network device",
                name.Contains(':', System.StringComparison.Ordinal) ? "write the device itself, without an alias" : "write a name that 'ip link' shows");
            return false;
        }
        return true;
    }

    private static Keyword<VipDraft> Option(string name, string syntax, string description, System.Action<VipDraft, Arguments> parse) =>
        new(name, SectionKinds.Cluster, Run, description, parse) { Syntax = syntax, MinArguments = 1, MaxArguments = 1 };
}
