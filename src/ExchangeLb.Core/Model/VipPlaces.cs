using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Net;

namespace ExchangeLb.Core.Model;

/// <summary>
/// Where the VIPs of a node stand while reloads of its cluster.cfg add and take some away: each keeps its place for as long as the process lives, also
/// one that has gone, so that threads may name a VIP to each other by an index, whatever is under way between them.
/// </summary>
public static class VipPlaces
{
    /// <summary>Different VIPs that one process may have had.</summary>
    public const int Max = 128;

    /// <summary>The next model by the places of the one that runs: what comes has a new place at the end, or the one that it had before.</summary>
    /// <returns>Null: there are no places left.</returns>
    public static ClusterModel? Keep(ClusterModel runs, ClusterModel next)
    {
        var coming = next.Vips.ToDictionary(vip => vip.Address);
        List<VipModel> places = [.. runs.Vips.Select(vip => coming.Remove(vip.Address, out VipModel? stays) ? stays : vip with { IsGone = true })];
        places.AddRange(next.Vips.Where(vip => coming.ContainsKey(vip.Address)));
        return places.Count <= Max ? next with { Vips = [.. places] } : null;
    }

    /// <summary>The place of an address that is present; negative: there is none.</summary>
    public static int Find(ImmutableArray<VipModel> places, IPAddress address)
    {
        for (int place = 0; place < places.Length; place++)
        {
            if (!places[place].IsGone && places[place].Address.Equals(address)) { return place; }
        }
        return -1;
    }
}
