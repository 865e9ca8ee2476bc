using System.Collections.Frozen;
using System.Collections.Generic;
using ExchangeLb.Core.Stick;
using ExchangeLb.Proxy.Loops;

namespace ExchangeLb.Proxy.Reload;

/// <summary>
/// Brings the entries of a stick table into its successor, whose size, life or server ids differ. An entry keeps its version and what
/// remains of its life, as far as the new limits allow; one of a server that is gone is left behind, since its id may be another's now.
/// </summary>
/// <param name="ids">The new id of each old one that has changed; 0: the server is gone and its id is taken.</param>
internal sealed class StickTableMove(StickTable from, StickTable to, FrozenDictionary<int, int> ids)
{
    private const int SliceLength = 1024;

    /// <summary>
    /// To be done twice: before loops use the new table, and once none uses the old one any more, for what was written meanwhile. What
    /// is later in the new one stays. Neither table is locked for longer than for a slice.
    /// </summary>
    public void Copy()
    {
        to.MergeClear(from.ClearedUpTo); // what an administrator cleared does not come back from a peer
        var slice = new StickUpdate[SliceLength];
        int next = 0;
        bool more = true;
        while (more)
        {
            long nowMs = LoopClock.NowMs();
            more = from.CopyUpdates(ref next, slice, nowMs, out int copied);
            for (int i = 0; i < copied; i++)
            {
                StickUpdate update = slice[i];
                int id = ids.GetValueOrDefault(update.ServerId, update.ServerId);
                if (id != 0)
                {
                    to.Merge(update with { ServerId = id }, nowMs);
                }
            }
        }
    }
}
