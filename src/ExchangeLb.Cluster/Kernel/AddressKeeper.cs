using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using ExchangeLb.Linux.Calls;
using ExchangeLb.Linux.Clocks;
using ExchangeLb.Linux.Netlink;
using ExchangeLb.Linux.Sockets;

namespace ExchangeLb.Cluster.Kernel;

/// <summary>
/// The addresses of the VIPs that this node claims or owns. They are added by the caller, whose claim answers no probe without; they are renewed and taken
/// away by a thread of their own, since the lock of the kernel's network configuration can be held for long by others, and neither a lease nor a
/// hand-over must wait for it.
/// </summary>
/// <remarks>
/// The fence, not the address, keeps a VIP that isn't owned silent: that it goes some moments later does no harm. It runs out by itself where even the
/// fence is gone. An IPv6 one gets its route and its group of neighbours from here: the kernel makes both later, in a work queue, and until then throws
/// away what comes for the address, and answers no probe. What is wanted is looked at before and after each change, so that the last wish wins though another one came meanwhile.
/// </remarks>
internal sealed class AddressKeeper : IDisposable
{
    private const int LowPriority = 1;

    private readonly Lock _gate = new();

    /// <summary>Held while an address is deleted: one that is added meanwhile must not go again, for its claim would answer no probe.</summary>
    private readonly Lock _deletion = new();
    private readonly HashSet<VipTarget> _wanted = [];

    /// <summary>That were added and not deleted since.</summary>
    private readonly HashSet<VipTarget> _there = [];
    private readonly Queue<VipTarget> _due = [];
    private readonly SemaphoreSlim _work = new(0);
    private readonly RouteRequests _callers;
    private readonly NeighbourGroups? _groups = NeighbourGroups.TryOpen();
    private readonly Thread _thread;
    private readonly int _validSeconds;
    private bool _ending;
    private bool _disposed;

    /// <param name="validSeconds">How long an address outlives its last renewal.</param>
    /// <exception cref="InvalidOperationException">No netlink socket to be had.</exception>
    internal AddressKeeper(int validSeconds)
    {
        _validSeconds = validSeconds;
        _callers = Open();
        _thread = new Thread(Renewing) { Name = "addresses", IsBackground = true };
        _thread.Start();
    }

    internal bool Add(VipTarget vip, int link)
    {
        lock (_gate)
        {
            _wanted.Add(vip);
        }
        lock (_deletion)
        {
            if (vip.V6) { _ = _groups?.Join(link, vip.Address); }   // refused: it is asked for again, and the kernel joins for the address
            return Set(_callers, vip, link);
        }
    }

    /// <summary>At once. True also when it was not there.</summary>
    internal bool RemoveNow(VipTarget vip, int? link)
    {
        Unwant(vip);
        return link is not { } index || Delete(_callers, vip, index);
    }

    /// <summary>Soon, on the other thread.</summary>
    internal void Remove(VipTarget vip)
    {
        Unwant(vip);
        Queue(vip);
    }

    /// <summary>Soon, on the other thread.</summary>
    internal void AddSoon(VipTarget vip)
    {
        lock (_gate) { _wanted.Add(vip); }
        Queue(vip);
    }

    /// <summary>It may be on its device: it was added, and its deletion was not confirmed yet.</summary>
    internal bool MayBeThere(VipTarget vip)
    {
        lock (_gate) { return _there.Contains(vip); }
    }

    /// <summary>Soon, on the other thread, if it is wanted.</summary>
    internal void Renew(VipTarget vip)
    {
        if (Wants(vip)) { Queue(vip); }
    }

    internal bool Wants(VipTarget vip)
    {
        lock (_gate)
        {
            return _wanted.Contains(vip);
        }
    }

    public void Dispose()
    {
        if (_disposed) { return; }
        _disposed = true;
        Volatile.Write(ref _ending, true);
        _work.Release();
        _thread.Join();
        _callers.Dispose();
        _groups?.Dispose();
        _work.Dispose();
    }

    private void Renewing()
    {
        using RouteRequests requests = Open();
        _ = RealTime.RequestRoundRobin(LowPriority);   // below the lease thread; without it a saturated host may be late, and mends it when told
        while (true)
        {
            _work.Wait();
            if (Volatile.Read(ref _ending)) { return; }
            VipTarget vip;
            lock (_gate) { vip = _due.Dequeue(); }
            if (requests.FindLink(vip.Device) is not { } link)
            {
                Forget(vip);   // its addresses went with the device
                continue;
            }
            bool wanted;
            do
            {
                wanted = Wants(vip);
                if (wanted) { Set(requests, vip, link.Index); }
                else { DeleteUnlessWanted(requests, vip, link.Index); }
            }
            while (wanted != Wants(vip));
        }
    }

    private void DeleteUnlessWanted(RouteRequests requests, VipTarget vip, int link)
    {
        lock (_deletion)
        {
            if (Wants(vip)) { return; }
            Delete(requests, vip, link);
            SetAgain(requests, vip);
        }
    }

    private void Unwant(VipTarget vip)
    {
        lock (_gate) { _wanted.Remove(vip); }
    }

    private void Queue(VipTarget vip)
    {
        lock (_gate)
        {
            if (_due.Contains(vip)) { return; }
            _due.Enqueue(vip);
        }
        _work.Release();
    }

    private bool Set(RouteRequests requests, VipTarget vip, int link)
    {
        lock (_gate) { _there.Add(vip); }
        bool set = requests.SetAddress(link, vip.Address, vip.PrefixLength, _validSeconds).Ok;
        if (set && vip.V6) { _ = requests.SetLocalRoute(link, vip.Address, _validSeconds); }   // refused: the kernel's comes a little later
        return set;
    }

    private bool Delete(RouteRequests requests, VipTarget vip, int link)
    {
        if (vip.V6) { _ = requests.DeleteLocalRoute(link, vip.Address); }
        bool gone = requests.DeleteAddress(link, vip.Address, vip.PrefixLength) is { Error: Errno.None or Errno.EADDRNOTAVAIL or Errno.ENODEV or Errno.ENXIO };
        if (gone) { Forget(vip); }
        return gone;
    }

    /// <summary>The same address is wanted elsewhere, or with another length: of one device an IPv6 address is there once, and has gone just now.</summary>
    private void SetAgain(RouteRequests requests, VipTarget deleted)
    {
        VipTarget? other;
        lock (_gate) { other = _wanted.FirstOrDefault(vip => vip.Address.Equals(deleted.Address)); }
        if (other is not null && requests.FindLink(other.Device) is { } link) { Set(requests, other, link.Index); }
    }

    private void Forget(VipTarget vip)
    {
        lock (_gate) { _there.Remove(vip); }
    }

    private static RouteRequests Open() =>
        RouteRequests.TryOpen(out SysResult result) ?? throw new InvalidOperationException($"rtnetlink: {result.Describe()}");
}
