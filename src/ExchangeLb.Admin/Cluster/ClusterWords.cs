using System;
using System.Collections.Immutable;
using System.Globalization;
using System.Linq;
using ExchangeLb.Admin.Page;
using ExchangeLb.Core.Runtime;

namespace ExchangeLb.Admin.Cluster;

/// <summary>States of a cluster in words for people: the same ones on the page, on the socket and in `exchangelb status`.</summary>
public static class ClusterWords
{
    /// <summary>What is not known, or not there.</summary>
    public const string Nothing = "-";

    /// <summary>Reports come once a second; an older one is said to be.</summary>
    internal static readonly TimeSpan FreshReport = TimeSpan.FromSeconds(5);

    public static string State(ClusterNodeSnapshot node)
    {
        ArgumentNullException.ThrowIfNull(node);
        return !node.Present ? "absent"
            : !HasReported(node) ? "no report yet"
            : node.Standby ? "standby"
            : node.Fit ? "ready"
            : "unfit";
    }

    /// <summary>What belongs to the state: why it is not fit, what ends it, how old what is known of it is; "" when there is nothing to add.</summary>
    public static string StateNote(ClusterNodeSnapshot node)
    {
        ArgumentNullException.ThrowIfNull(node);
        return node is { Present: true, Fit: false, Standby: false } && HasReported(node) ? node.Unfit
            : node is { Present: true, StandbyEndsWithHost: true } && HasReported(node) ? "until this host restarts"
            : node.Present && node.ReportAge > FreshReport ? $"last heard {Duration(node.ReportAge)} ago"
            : "";
    }

    /// <summary>It has said how it is, at least once since it came.</summary>
    public static bool HasReported(ClusterNodeSnapshot node)
    {
        ArgumentNullException.ThrowIfNull(node);
        return node.IsSelf || node.Version.Length > 0;
    }

    /// <summary>The VIPs that a node owns, as far as the asked one knows.</summary>
    public static ImmutableArray<string> Owned(ClusterSnapshot cluster, ClusterNodeSnapshot node)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        ArgumentNullException.ThrowIfNull(node);
        return [.. cluster.Vips.Where(vip => vip.Owner == node.Name).Select(vip => vip.Address)];
    }

    /// <summary>`owner`, `backup`, `acquiring`, `releasing`: what the asked node is for a VIP.</summary>
    public static string Role(VipRole role) => role switch
    {
        VipRole.Owner => "owner",
        VipRole.Acquiring => "acquiring",
        VipRole.Releasing => "releasing",
        _ => "backup",
    };

    /// <summary>The lease of the asked node; "" when it has none.</summary>
    public static string Lease(VipSnapshot vip)
    {
        ArgumentNullException.ThrowIfNull(vip);
        string solo = vip.Solo ? ", alone" : "";
        return vip.LeaseRemaining is { } left ? $"{Milliseconds(left)} left{solo}" : "";
    }

    /// <summary>`10.0.0.21 down`, or how many links are up when all are.</summary>
    public static string Links(ClusterNodeSnapshot node)
    {
        ArgumentNullException.ThrowIfNull(node);
        string[] down = [.. node.Links.Where(link => !link.Up).Select(link => $"{link.Address} down")];
        return node.Links.IsDefaultOrEmpty ? Nothing : down.Length > 0 ? string.Join(", ", down) : $"{node.Links.Length} up";
    }

    /// <summary>`e2k13 2/2`: usable servers of each backend.</summary>
    public static string Servers(ClusterNodeSnapshot node)
    {
        ArgumentNullException.ThrowIfNull(node);
        return node.Backends.IsDefaultOrEmpty
            ? Nothing : string.Join(", ", node.Backends.Select(backend => $"{backend.Backend} {backend.Usable}/{backend.Total}"));
    }

    /// <summary>How far behind the peer is: "3 ms", "3 ms, 12 waiting".</summary>
    public static string Lag(ReplicationSnapshot replication)
    {
        ArgumentNullException.ThrowIfNull(replication);
        string waiting = replication.Queued > 0 ? $"{replication.Queued} waiting" : "";
        string lag = replication.Lag is { } time ? Milliseconds(time) : "";
        return (lag.Length, waiting.Length) switch
        {
            (0, 0) => "nothing sent yet",
            (0, _) => waiting,
            (_, 0) => lag,
            _ => $"{lag}, {waiting}",
        };
    }

    /// <summary>"312 held (120 kB); 4566 told (1.3 MB in 0.8 s)": records of quiet connections.</summary>
    public static string Recording(RecordingSnapshot recording)
    {
        ArgumentNullException.ThrowIfNull(recording);
        string lost = recording.LostTotal > 0 ? $", {Plain(Words.Count(recording.LostTotal))} lost" : "";
        return $"{Plain(Words.Count(recording.Held))} held ({Plain(Words.Bytes(recording.HeldBytes))}); {Plain(Words.Count(recording.SnapshotsTotal))} told "
            + $"({Plain(Words.Bytes(recording.SentBytesTotal))}, {Milliseconds(recording.Busy)} of processor time){lost}";
    }

    /// <summary>"lb2 holds 312": who could go on with how many quiet connections of others; "none held".</summary>
    public static string RecordsHeld(ClusterSnapshot cluster)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        string[] holders = [.. cluster.Nodes.Where(node => node is { Present: true, RecordsHeld: > 0 }).Select(node => $"{node.Name} holds {Words.Count(node.RecordsHeld)}")];
        return holders.Length == 0 ? "none held" : string.Join(", ", holders);
    }

    public static string Engine(EngineSnapshot engine)
    {
        ArgumentNullException.ThrowIfNull(engine);
        return !engine.Connected ? $"{engine.Name}, not connected" : engine.Quorate ? $"{engine.Name}, quorate" : $"{engine.Name}, no quorum";
    }

    /// <summary>The two largest units: "3 d 4 h", "5 min 3 s", "42 s".</summary>
    public static string Duration(TimeSpan time) => Plain(Words.Duration(time));

    /// <summary>"380 ms", "1.4 ms", "2.5 s".</summary>
    public static string Milliseconds(TimeSpan time) => time.TotalMilliseconds switch
    {
        < 10 => time.TotalMilliseconds.ToString("0.#", CultureInfo.InvariantCulture) + " ms",
        < 1000 => time.TotalMilliseconds.ToString("0", CultureInfo.InvariantCulture) + " ms",
        _ => time.TotalSeconds.ToString("0.#", CultureInfo.InvariantCulture) + " s",
    };

    private static string Plain(string text) => text.Replace('\u00A0', ' ');
}
