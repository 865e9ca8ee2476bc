using System;
using System.Collections.Generic;
using System.Linq;
using ExchangeLb.Admin.Cluster;
using ExchangeLb.Core.Runtime;

namespace ExchangeLb.Admin.Page;

/// <summary>The whole page in one sentence: what somebody wants to know who looks at a wall from five metres away.</summary>
/// <param name="Detail">What else is not as usual, or empty.</param>
internal sealed record Verdict(Tone Tone, string Sentence, string Detail)
{
    /// <summary>For the browser's tab.</summary>
    public string Title => Tone is Tone.Bad or Tone.Doubtful ? "⚠ " + Sentence : Sentence;

    /// <summary>A round icon in the verdict's colour, as the body of a data URI.</summary>
    public string Icon
    {
        get
        {
            string colour = Tone switch
            {
                Tone.Bad => "c62f2f",
                Tone.Doubtful => "d98a00",
                Tone.Good => "1f8a4c",
                _ => "6b7280",
            };
            return $"%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Ccircle cx='8' cy='8' r='7' fill='%23{colour}'/%3E%3C/svg%3E";
        }
    }

    public static Verdict Of(PageView view)
    {
        if (view.Process.Stopping)
        {
            return new(Tone.Doubtful, "Stopping", "No new connections are taken; those that are open may end.");
        }
        List<ServerSnapshot> servers = [.. view.Servers];
        int Count(Func<ServerSnapshot, bool> which) => servers.Count(which);

        List<string> dead = [.. view.Proxies
            .Where(proxy => proxy is { Backend.Up: false, Servers.Length: > 0 })
            .Select(proxy => proxy.Model.Name)];
        int down = Count(server => Condition.Of(server).Tone == Tone.Bad);
        int doubtful = Count(server => Condition.Of(server).Tone == Tone.Doubtful);
        int maintained = Count(server => server.Admin == ServerAdminState.Maintenance);
        int drained = Count(server => server.Admin == ServerAdminState.Drain);

        var detail = new List<string>();
        if (dead.Count > 0 && down > 0)
        {
            detail.Add($"{down} of {Words.Count(servers.Count, "server")} down");
        }
        if (doubtful > 0)
        {
            detail.Add($"{doubtful} going down or full");
        }
        if (maintained > 0)
        {
            detail.Add($"{maintained} in maintenance");
        }
        if (drained > 0)
        {
            detail.Add($"{drained} draining");
        }
        bool alone = view.Cluster is { } cluster && ClusterVerdict.Of(cluster).Health == ClusterHealth.Critical;
        if (alone)
        {
            detail.Add("no failover is possible now");
        }
        string details = string.Join(", ", detail);

        string[] unowned = [.. (view.Cluster?.Vips ?? []).Where(vip => vip.Owner is null).Select(vip => vip.Address)];
        return dead.Count > 0 ? new(Tone.Bad, $"{string.Join(", ", dead)}: no usable server", details)
            : unowned.Length > 0 ? new(Tone.Bad, $"{string.Join(", ", unowned)}: no owner", details)
            : down > 0 ? new(Tone.Bad, $"{down} of {Words.Count(servers.Count, "server")} down", details)
            : doubtful > 0 ? new(Tone.Doubtful, $"{Words.Count(doubtful, "server")} in doubt", details)
            : alone ? new(Tone.Doubtful, Everyone(servers.Count), details)
            : servers.Count == 0 ? new(Tone.Neutral, "Running", "No servers here.")
            : new(Tone.Good, details.Length == 0 ? Everyone(servers.Count) : "In service", details);
    }

    private static string Everyone(int servers) => servers == 0 ? "Running" : servers == 1 ? "The server is in service" : $"All {Words.Count(servers)} servers in service";
}
