using System;
using System.Collections.Generic;
using System.Linq;
using ExchangeLb.Core.Runtime;

namespace ExchangeLb.Cluster.Fitness;

/// <summary>
/// Which backends this node has lost while a peer still reaches them. Both nodes check the servers for themselves and see a server's death
/// up to `fall` checks apart, so a loss counts only once the peer has kept the backend for longer than that.
/// Owner: one thread.
/// </summary>
public sealed class LostBackends
{
    /// <summary>More than HAProxy's default `fall` x `inter` (6 s).</summary>
    public static readonly TimeSpan LeastPatience = TimeSpan.FromSeconds(7);

    /// <summary>How long a loss must last: the largest difference between two nodes' verdicts on one event, and a check's own time.</summary>
    public TimeSpan Patience { get; set; } = LeastPatience;

    private readonly Dictionary<string, TimeSpan> _lostSince = [];

    /// <returns>Names, in order, of backends that only others reach.</returns>
    /// <param name="mine">As checked by this node.</param>
    /// <param name="ofPeers">The last reports of nodes in the view.</param>
    public IReadOnlyList<string> Observe(
        IEnumerable<BackendServersSnapshot> mine, IReadOnlyCollection<BackendServersSnapshot> ofPeers, TimeSpan now)
    {
        HashSet<string> lost = [];
        foreach (BackendServersSnapshot backend in mine)
        {
            if (backend is { Usable: 0, Total: > 0 } && ofPeers.Any(other => other.Backend == backend.Backend && other.Usable > 0))
            {
                lost.Add(backend.Backend);
                _lostSince.TryAdd(backend.Backend, now);
            }
        }
        foreach (string name in _lostSince.Keys.Where(name => !lost.Contains(name)).ToArray())
        {
            _lostSince.Remove(name);
        }
        return [.. _lostSince.Where(entry => now - entry.Value >= Patience).Select(entry => entry.Key).Order(StringComparer.Ordinal)];
    }
}
