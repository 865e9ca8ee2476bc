using System.Collections.Immutable;
using System.Globalization;
using System.Linq;
using System.Runtime.InteropServices;
using ExchangeLb.Linux.Nftables;

namespace ExchangeLb.Cluster.Kernel;

/// <summary>
/// The transactions on one VIP's elements. Deleting an element that has expired or is not there fails its whole transaction, and that is
/// what makes a commit conditional; where an absent one is no failure it is added first. One batch serves all: each is run before the next is made.
/// </summary>
/// <param name="egress">Whether the fence has its netdev table.</param>
internal sealed class LeaseCommands(VipTarget vip, bool egress)
{
    private const long ToBeDeletedMs = 10_000;

    private readonly ImmutableArray<NftSet> _lease = Sets($"lease{vip.Family}", vip.V6 ? [NftFamily.Inet] : [NftFamily.Arp, NftFamily.Inet], egress);

    // Claims concern ARP and ND only: for IPv4 the inet table has nothing to look up.
    private readonly ImmutableArray<NftSet> _claim = Sets($"claim{vip.Family}", vip.V6 ? [NftFamily.Inet] : [NftFamily.Arp], egress);
    private readonly NftSet _permit = new(NftFamily.Inet, FenceRules.Table, $"permit{vip.Family}");
    private readonly NftSet _hold = new(NftFamily.Inet, FenceRules.Table, $"hold{vip.Family}");
    private readonly NftSet _frozen = new(NftFamily.Inet, FenceRules.Table, $"frozen{vip.Family}");
    private readonly NftSet _holder = new(NftFamily.Inet, FenceRules.Table, vip.Holder);
    private readonly byte[] _key = vip.Address.GetAddressBytes();
    private readonly ElementBatch _batch = new();

    internal ElementBatch Claim(long lifeMs)
    {
        _batch.Begin();
        foreach (NftSet set in _claim) { Clear(set).Add(set, _key, lifeMs); }
        return _batch;
    }

    internal ElementBatch DropClaim()
    {
        _batch.Begin();
        foreach (NftSet set in _claim) { Clear(set); }
        return _batch;
    }

    internal ElementBatch Permit(long lifeMs)
    {
        _batch.Begin();
        return Clear(_permit).Add(_permit, _key, lifeMs);
    }

    internal ElementBatch Acquire(ulong incarnation, long leaseMs)
    {
        _batch.Begin().Delete(_permit, _key);
        foreach (NftSet set in _claim) { _batch.Delete(set, _key); }
        _batch.Flush(_holder).Add(_holder, Halves(incarnation));
        return Create(leaseMs);
    }

    internal ElementBatch Renew(long leaseMs)
    {
        _batch.Begin().Delete(_permit, _key);
        foreach (NftSet set in _lease) { _batch.Delete(set, _key).Add(set, _key, leaseMs); }
        return _batch;
    }

    /// <summary>Sets the lease again in a fence that was made anew: there is none to delete.</summary>
    internal ElementBatch Restore(long leaseMs)
    {
        _batch.Begin().Delete(_permit, _key);
        return Create(leaseMs);
    }

    /// <summary>In nft's words, for the transaction that puts up the fence.</summary>
    internal string SetHolder(ulong incarnation) => string.Create(
        CultureInfo.InvariantCulture, $"add element inet {FenceRules.Table} {vip.Holder} {{ 0x{incarnation >> 32:x8} . 0x{(uint)incarnation:x8} }}\n");

    internal ElementBatch Release()
    {
        _batch.Begin().Flush(_holder);
        return ClearAll();
    }

    /// <summary>Fails unless the lease is of this incarnation.</summary>
    internal ElementBatch ReleaseOf(ulong incarnation)
    {
        _batch.Begin().Delete(_holder, Halves(incarnation));
        return ClearAll();
    }

    internal ElementBatch Hold(long lifeMs)
    {
        _batch.Begin();
        return Clear(_hold).Add(_hold, _key, lifeMs);
    }

    internal ElementBatch DropHold()
    {
        _batch.Begin();
        return Clear(_hold);
    }

    internal ElementBatch Freeze(long lifeMs)
    {
        _batch.Begin();
        return Clear(_frozen).Add(_frozen, _key, lifeMs);
    }

    /// <summary>Fails where the freeze has ended.</summary>
    internal ElementBatch KeepFrozen(long lifeMs) => _batch.Begin().Delete(_frozen, _key).Add(_frozen, _key, lifeMs);

    /// <summary>Likewise.</summary>
    internal ElementBatch ReleaseFrozen()
    {
        _batch.Begin().Delete(_frozen, _key).Flush(_holder);
        return ClearAll();
    }

    internal ElementBatch Unfreeze()
    {
        _batch.Begin();
        return Clear(_frozen);
    }

    /// <summary>In nft's words, for the transaction that puts up the fence.</summary>
    internal string FreezeAnew(long lifeMs) => string.Create(
        CultureInfo.InvariantCulture, $"add element inet {FenceRules.Table} frozen{vip.Family} {{ {vip.Text} timeout {lifeMs}ms }}\n");

    private static ImmutableArray<NftSet> Sets(string name, ImmutableArray<NftFamily> families, bool egress) =>
        [.. families.Concat(egress ? [NftFamily.Netdev] : []).Select(family => new NftSet(family, FenceRules.Table, name))];

    /// <summary>Two marks of the host's byte order, the higher half first.</summary>
    private static byte[] Halves(ulong incarnation) => [.. MemoryMarshal.AsBytes<uint>([(uint)(incarnation >> 32), (uint)incarnation])];

    private ElementBatch ClearAll()
    {
        foreach (NftSet set in _lease) { Clear(set); }
        foreach (NftSet set in _claim) { Clear(set); }
        Clear(_permit);
        return Clear(_frozen);
    }

    private ElementBatch Clear(NftSet set) => _batch.Add(set, _key, ToBeDeletedMs).Delete(set, _key);

    /// <summary>Fails where a lease lives: an acquisition then is not what it believes to be.</summary>
    private ElementBatch Create(long leaseMs)
    {
        foreach (NftSet set in _lease) { _batch.Create(set, _key, leaseMs); }
        return _batch;
    }
}
