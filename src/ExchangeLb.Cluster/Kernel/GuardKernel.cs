using System;
using System.Collections.Immutable;
using System.Linq;
using ExchangeLb.Core.Model;
using ExchangeLb.Linux.Calls;
using ExchangeLb.Linux.Netlink;
using ExchangeLb.Linux.Nftables;

namespace ExchangeLb.Cluster.Kernel;

/// <summary>
/// The guard's hand in the kernel: it takes leases away, and never gives one. Used by the guard's process while that of the balancer may be
/// dead, frozen or alive; kernel transactions keep them apart. Owner: one thread.
/// </summary>
public sealed class GuardKernel : IDisposable
{
    private const int Tries = 3;

    private readonly INftables _nft;
    private readonly ElementTransactions _elements;
    private readonly RouteRequests _routes;
    private readonly bool _egress;
    private ImmutableArray<VipTarget> _vips;

    private readonly Action<string> _note;

    private GuardKernel(ClusterModel model, INftables nft, Action<string> note)
    {
        (_nft, _note) = (nft, note);
        _egress = KernelFeatures.Find(nft).Egress;
        _elements = ElementTransactions.TryOpen(out SysResult result) ?? throw new InvalidOperationException($"nfnetlink: {result.Describe()}");
        _routes = RouteRequests.TryOpen(out result) ?? throw new InvalidOperationException($"rtnetlink: {result.Describe()}");
        _vips = [.. model.Vips.Select(vip => new VipTarget(vip))];
    }

    /// <summary>The balancer has taken over another cluster.cfg: VIPs are counted by this list from now on.</summary>
    public void Use(ImmutableArray<VipModel> vips) => _vips = [.. vips.Select(vip => new VipTarget(vip))];

    /// <param name="note">Told what the kernel refused, for people.</param>
    /// <exception cref="InvalidOperationException">The host can't; the message says what it lacks and what to do.</exception>
    public static GuardKernel Open(ClusterModel model, Action<string> note)
    {
        INftables nft = Nft.Open();
        try
        {
            return new GuardKernel(model, nft, note);
        }
        catch
        {
            nft.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Deletes lease, claim, permit and address of the VIP, if its lease is (or was last) of this incarnation. Where the fence itself is gone, so that
    /// nobody can tell whose lease it was, it is put up anew, closed: a balancer that lives mends that within milliseconds.
    /// </summary>
    /// <returns>True: the kernel has confirmed that this incarnation has no lease. False: another has it, or the kernel refused.</returns>
    public bool Release(int vip, ulong incarnation)
    {
        VipTarget target = _vips[vip];
        if (ReleaseOf(target, incarnation).Failed)
        {
            bool known = FenceStands();
            if (known ? !NobodyHolds(target) : !PutUpFence()) { return false; }
        }
        if (_routes.FindLink(target.Device) is { } link)
        {
            _routes.DeleteAddress(link.Index, target.Address, target.PrefixLength);   // behind the fence it does no harm, and runs out by itself
        }
        return true;
    }

    public void Dispose()
    {
        _routes.Dispose();
        _elements.Dispose();
        _nft.Dispose();
    }

    /// <summary>ENOENT says whose it is not; anything else says nothing of it, and is tried again.</summary>
    private SysResult ReleaseOf(VipTarget target, ulong incarnation)
    {
        LeaseCommands commands = new(target, _egress);
        SysResult result = default;
        for (int i = 0; i < Tries; i++)
        {
            result = _elements.Run(commands.ReleaseOf(incarnation));
            if (result.Ok || result.Error == Errno.ENOENT) { return result; }
            _note($"{target.Text}: the kernel did not delete the lease: {result.Describe()}");
        }
        return result;
    }

    private bool FenceStands() => _nft.Run($"list chain inet {FenceRules.Table} in\n").Ok && _nft.Run($"list chain inet {FenceRules.Table} out\n").Ok;

    private bool NobodyHolds(VipTarget vip) =>
        _nft.Run($"list set inet {FenceRules.Table} {vip.Holder}\n") is { Ok: true } listing && !listing.Text.Contains("elements", StringComparison.Ordinal);

    private bool PutUpFence()
    {
        string[] devices = [.. _vips.Select(vip => vip.Device).Distinct(StringComparer.Ordinal).Where(device => _routes.FindLink(device) is not null)];
        return _nft.Run(FenceRules.Install(_vips, _egress, devices)).Ok;
    }
}
