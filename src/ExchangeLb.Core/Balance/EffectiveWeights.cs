using System;
using System.Collections.Immutable;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Core.Balance;

/// <summary>Whether a server may get new sessions by balancing, and how many of them in proportion to the others.</summary>
/// <param name="Usable">Up (or not checked), and neither drained nor in maintenance.</param>
/// <param name="Weight">The weight as configured or set at run time, 0..256. With 0 the server counts as unusable.</param>
public readonly record struct ServerStanding(bool Usable, int Weight)
{
    /// <summary>Counts among the active or backup servers that a state line and the `act` and `bck` columns name.</summary>
    public bool Counts => Usable && Weight > 0;
}

/// <summary>How many servers of a backend can be balanced to.</summary>
/// <param name="Active">Usable servers without `backup`.</param>
/// <param name="Backup">Usable servers with `backup`, whether or not they are now in use.</param>
public readonly record struct UsableServers(int Active, int Backup)
{
    public bool None => Active + Backup == 0;

    /// <summary>Only backup servers are left.</summary>
    public bool OnBackup => Active == 0 && Backup > 0;

    /// <summary>What `nbsrv` is: servers that balancing chooses among now. A lone first backup server is one, whatever others stand by.</summary>
    public int Balanced { get; init; }
}

/// <summary>Which servers balancing may choose now (configuration.txt, 5.2 `backup` and 4.2 `option allbackups`).</summary>
public static class EffectiveWeights
{
    /// <summary>
    /// Active servers have their own weights. When none is usable, the first usable backup server in the order of the file has its
    /// weight alone, or with `option allbackups` all of them have theirs. Everything else gets 0.
    /// </summary>
    /// <param name="standings">One for each server of <paramref name="backend"/>, same order.</param>
    /// <param name="weights">Receives what belongs into <see cref="ServerLoad.Weight"/>, same order.</param>
    public static UsableServers Fill(BackendModel backend, ReadOnlySpan<ServerStanding> standings, Span<int> weights)
    {
        ImmutableArray<ServerModel> servers = backend.Servers;
        UsableServers usable = Count(servers, standings);
        bool backupsOpen = usable.OnBackup;
        int balanced = 0;
        for (int i = 0; i < servers.Length; i++)
        {
            bool chosen = standings[i].Counts && (servers[i].Backup ? backupsOpen : true);
            weights[i] = chosen ? standings[i].Weight : 0;
            balanced += chosen ? 1 : 0;
            if (chosen && servers[i].Backup && !backend.AllBackups)
            {
                backupsOpen = false;
            }
        }
        return usable with { Balanced = balanced };
    }

    private static UsableServers Count(ImmutableArray<ServerModel> servers, ReadOnlySpan<ServerStanding> standings)
    {
        int active = 0;
        int backup = 0;
        for (int i = 0; i < servers.Length; i++)
        {
            if (!standings[i].Counts)
            {
                continue;
            }
            if (servers[i].Backup)
            {
                backup++;
            }
            else
            {
                active++;
            }
        }
        return new UsableServers(active, backup);
    }
}
