using System.Globalization;
using System.Linq;
using ExchangeLb.Admin.Cluster;
using ExchangeLb.Core.Runtime;

namespace ExchangeLb.Admin.Commands;

/// <summary>`show cluster`, as JSON, and its events: what one node knows of all.</summary>
internal static class ShowCluster
{
    public static void Json(CommandCall call)
    {
        if (ClusterCommands.Find(call) is { } cluster)
        {
            call.Output.Raw(ClusterJson.Write(cluster.Snapshot())).Raw("\n"u8);
        }
    }

    /// <summary>The newest last, one a line: time (UTC), kind, text.</summary>
    public static void Events(CommandCall call)
    {
        if (ClusterCommands.Find(call) is not { } cluster)
        {
            return;
        }
        foreach (ClusterEvent happened in cluster.Snapshot().Events)
        {
            call.Say($"{happened.Unix.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture)} {happened.Kind} {happened.Text}");
        }
    }

    /// <summary>Lines of a word, a colon and a value, as in `show info`; several lines may begin with the same word.</summary>
    public static void Write(CommandCall call)
    {
        if (ClusterCommands.Find(call) is not { } runtime)
        {
            return;
        }
        ClusterSnapshot cluster = runtime.Snapshot();
        ClusterVerdict verdict = ClusterVerdict.Of(cluster);
        call.Say($"Cluster: {cluster.Cluster}");
        call.Say($"Asked: {cluster.Self}");
        call.Say($"Failover: {verdict.Word}");
        foreach (string reason in verdict.Reasons)
        {
            call.Say($"Reason: {reason}");
        }
        foreach (string note in cluster.Notes)
        {
            call.Say($"Note: {note}");
        }
        foreach (VipSnapshot vip in cluster.Vips)
        {
            call.Say($"Vip: {Describe(vip)}");
        }
        foreach (ClusterNodeSnapshot node in cluster.Nodes)
        {
            call.Say($"Node: {Describe(cluster, node)}");
        }
        call.Say($"Lease: {ClusterWords.Milliseconds(cluster.Lease)}, longest gap between renewals {ClusterWords.Milliseconds(cluster.LongestRenewalGap)}");
        call.Say($"Kernel: fence mended {cluster.Kernel.MendedTotal}, frames passed on {cluster.Kernel.PassedOnTotal}, frames lost {cluster.Kernel.HeldLostTotal}, orders dropped {cluster.Kernel.DroppedTotal}");
        call.Say($"Replication: {ClusterWords.Lag(cluster.Replication)}, sent {cluster.Replication.SentTotal}, received {cluster.Replication.ReceivedTotal}, dropped {cluster.Replication.DroppedTotal}");
        foreach (TeachingSnapshot teaching in cluster.Replication.Teaching)
        {
            call.Say($"Teaching: {teaching.Node}, {teaching.Entries} entries, {(teaching.Complete ? "complete" : "not complete yet")}");
        }
        if (cluster.Recording is { } recording)
        {
            call.Say($"Recording: {ClusterWords.Recording(recording)}");
        }
        EngineSnapshot engine = cluster.Engine;
        call.Say($"Engine: {ClusterWords.Engine(engine)}, view {engine.Epoch}, sent {engine.SentTotal}, received {engine.ReceivedTotal}, not sent {engine.SendRefusedTotal}, not believed {engine.RejectedTotal}, of unknown vips {engine.UnknownVipTotal}, lost {engine.RestartsTotal}");
        call.Say($"Guard: {(cluster.Guard.Running ? $"running, process {cluster.Guard.Pid}" : "not running")}");
        if (cluster.HooksDroppedTotal > 0)
        {
            call.Say($"Hook: not told of {cluster.HooksDroppedTotal} changes of owner, since too many waited");
        }
    }

    private static string Describe(VipSnapshot vip)
    {
        string owner = vip.Owner is { } name ? $"owned by {name} for {ClusterWords.Duration(vip.OwnerFor)}" : $"owned by nobody for {ClusterWords.Duration(vip.OwnerFor)}";
        string lease = ClusterWords.Lease(vip) is { Length: > 0 } left ? $", lease {left}" : "";
        string moved = vip.LastFrozen is { } frozen ? $", moved {vip.MovedTotal} sessions, the last time frozen for {ClusterWords.Milliseconds(frozen)}" : "";
        string conflict = vip.Conflict is { } hardware ? $", also used by {hardware}" : "";
        return $"{vip.Address} on {vip.Device}, {owner}, here {ClusterWords.Role(vip.Role)}{lease}, acquired {vip.AcquiredTotal} {(vip.AcquiredTotal == 1 ? "time" : "times")}{moved}{conflict}";
    }

    private static string Describe(ClusterSnapshot cluster, ClusterNodeSnapshot node)
    {
        string name = $"{node.Name} ({(node.IsSelf ? "this node, " : "")}id {node.Id}, priority {node.Priority})";
        if (!node.Present || !ClusterWords.HasReported(node))
        {
            return $"{name}, {ClusterWords.State(node)}";
        }
        string note = ClusterWords.StateNote(node) is { Length: > 0 } why ? $" ({why})" : "";
        string owned = ClusterWords.Owned(cluster, node) is { IsEmpty: false } vips ? $", owns {string.Join(' ', vips)}" : "";
        string links = string.Join(' ', node.Links.Select(link => $"{link.Address} {(link.Up ? "up" : "down")}"));
        return $"{name}, {ClusterWords.State(node)}{note}{owned}, links {links}, servers {ClusterWords.Servers(node)}, sessions {node.Sessions}, "
            + $"stick entries {node.StickEntries}, records held {node.RecordsHeld}, guard {(node.GuardRunning ? "running" : "not running")}, version {node.Version}, "
            + $"haproxy.cfg {node.ConfigurationHash}, cluster.cfg {node.ClusterConfigurationHash}, up {ClusterWords.Duration(node.Uptime)}";
    }
}
