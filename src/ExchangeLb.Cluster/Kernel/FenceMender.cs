using System;
using System.Collections.Generic;
using System.Linq;
using ExchangeLb.Cluster.Ownership;
using ExchangeLb.Linux.Nftables;

namespace ExchangeLb.Cluster.Kernel;

/// <summary>Keeps the fence as it should be: what others change of it is put up anew, with the leases that have not run out. Owner: the lease thread.</summary>
internal sealed class FenceMender(Fence fence, KernelVips vips, KernelFeatures features, IMonotonicClock clock) : IDisposable
{
    /// <summary>Two that each mend what the other does must not do it all the time.</summary>
    private static readonly TimeSpan MendPause = TimeSpan.FromMilliseconds(20);

    /// <summary>Permit of a lease that is set again after others have deleted it; the lease is that much shorter.</summary>
    private static readonly TimeSpan MendPermit = TimeSpan.FromMilliseconds(10);

    private const int RestoreTries = 5;

    private TimeSpan _notBefore;

    /// <summary>Readable after each change of rules on this host.</summary>
    internal int Fd => fence.Fd;

    /// <summary>The fence is not as it should be, or was not for a moment.</summary>
    internal bool IsDue { get; private set; }

    /// <summary>Times that others' changes were mended.</summary>
    internal long MendedTotal { get; private set; }

    /// <summary>Something of it has gone, with a device for example.</summary>
    internal void Want() => IsDue = true;

    /// <summary>Takes in what others have done to it.</summary>
    internal void Look() => IsDue |= fence.WasChanged();

    internal bool Run(ElementBatch changes) => fence.Run(changes);

    internal bool RunOrMend(KernelVip vip, Func<LeaseCommands, ElementBatch> change)
    {
        if (fence.Run(change(vip.Commands))) { return true; }
        Look();     // Refused: others may have taken the fence away a moment ago.
        return IsDue && Mend() && fence.Run(change(vip.Commands));
    }

    /// <summary>Puts it up, closed but for what <paramref name="more"/> adds.</summary>
    internal NftOutcome Install(string more = "") =>
        fence.Install([.. vips.Present.Select(vip => vip.Target)], [.. vips.Links.Where(link => link.Link is not null).Select(link => link.Device)], more);

    internal NftOutcome Change(FenceChange change)
    {
        if (change.IsEmpty) { return new NftOutcome(true, ""); }
        NftOutcome changed = fence.Change(change, out bool byOthers);
        IsDue |= byOthers;
        return changed;
    }

    /// <summary>When it is due, and not so soon that two who each mend what the other does would do nothing else.</summary>
    /// <returns>True: it stands anew.</returns>
    internal bool MendInTime() => IsDue && clock.Now >= _notBefore && Mend();

    internal bool Remove() => fence.Remove();

    public void Dispose() => fence.Dispose();

    private bool Mend()
    {
        TimeSpan now = clock.Now;
        (IsDue, _notBefore) = (false, now + MendPause);
        MendedTotal++;
        foreach (KernelVip vip in vips.All) { vip.FrozenThroughout = false; }
        KernelVip[] owned = [.. vips.All.Where(vip => now < vip.LeaseEnd)];
        IEnumerable<string> frozen = vips.All.Where(vip => now < vip.FrozenEnd)
            .Select(vip => vip.Commands.FreezeAnew((long)(vip.FrozenEnd!.Value - now).TotalMilliseconds + 1));
        if (!Install(string.Concat(owned.Select(vip => vip.Commands.SetHolder(vip.Incarnation)).Concat(frozen))).Ok)
        {
            IsDue = true;
            return false;
        }
        foreach (KernelVip vip in owned) { Restore(vip); }
        return true;
    }

    /// <summary>
    /// Sets what is left of a lease in a fence that was made anew, by the rule of each commit: first a permit, then the clock is read, so that no pause
    /// in between makes the lease longer; a pause may let the permit expire, though, so it is tried again.
    /// </summary>
    private void Restore(KernelVip vip)
    {
        for (int i = 0; i < RestoreTries; i++)
        {
            fence.Run(vip.Commands.Permit((long)MendPermit.TotalMilliseconds));
            if (features.ToMs(vip.LeaseEnd!.Value - clock.Now - MendPermit) is not { } ms || fence.Run(vip.Commands.Restore(ms))) { return; }
        }
    }
}
