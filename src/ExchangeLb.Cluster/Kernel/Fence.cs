using System;
using System.Collections.Generic;
using System.Linq;
using ExchangeLb.Linux.Calls;
using ExchangeLb.Linux.Netlink;
using ExchangeLb.Linux.Nftables;

namespace ExchangeLb.Cluster.Kernel;

/// <summary>The tables of the fence in this kernel: put up, watched for others' hands, taken away. Owner: the lease thread.</summary>
internal sealed class Fence : IDisposable
{
    private const int MaxTries = 3;

    private readonly INftables _nft;
    private readonly ElementTransactions _elements;
    private readonly bool _egress;
    private readonly RulesMonitor _monitor;
    private readonly List<RulesChange> _changes = [];
    private string? _asInstalled;
    private int _chains;

    /// <exception cref="InvalidOperationException">Changes of rules can't be heard of, or made.</exception>
    internal Fence(INftables nft, bool egress)
    {
        (_nft, _egress) = (nft, egress);
        _monitor = RulesMonitor.TryOpen(out SysResult result) ?? throw new InvalidOperationException($"nftables can't be watched: {result.Describe()}");
        _elements = ElementTransactions.TryOpen(out result) ?? throw new InvalidOperationException($"nfnetlink: {result.Describe()}");
    }

    /// <summary>Readable after each change of rules on this host, this program's own included.</summary>
    internal int Fd => _monitor.Fd;

    /// <summary>Puts the fence up anew, closed but for what <paramref name="more"/> adds in the same transaction.</summary>
    internal NftOutcome Install(IReadOnlyCollection<VipTarget> vips, IReadOnlyCollection<string> devices, string more)
    {
        _chains = devices.Count;
        NftOutcome outcome = default;
        for (int i = 0; i < MaxTries; i++)
        {
            outcome = _nft.Run(FenceRules.Install(vips, _egress, devices) + more);
            // What has been reported by now came before this transaction or from it. Two hands: the other may have been the later one.
            _changes.Clear();
            bool complete = _monitor.Drain(FenceRules.Table, _changes);
            if (complete && _changes.Where(IsStructure).Select(change => change.PortId).Distinct().Count() <= 1)
            {
                break;
            }
        }
        _asInstalled ??= outcome.Ok ? List() : null;   // the same each time: devices are not in it
        return outcome;
    }

    /// <summary>In one transaction, and without touching rules and leases of those that stay.</summary>
    /// <param name="byOthers">Somebody else changed it about now, too: it is to be put up anew.</param>
    internal NftOutcome Change(FenceChange change, out bool byOthers)
    {
        byOthers = WasChanged();
        NftOutcome outcome = _nft.Run(FenceRules.Change(change, _egress, _chains));
        _chains += change.Devices.Count;
        _changes.Clear();
        byOthers |= !_monitor.Drain(FenceRules.Table, _changes) || _changes.Where(IsStructure).Select(found => found.PortId).Distinct().Count() > 1;
        _asInstalled = outcome.Ok && !byOthers ? List() : null;    // null: seen anew when the fence has been mended
        return outcome;
    }

    /// <summary>Whether others have changed it since the last look: its rules, or the set of VIPs. Elements of leases a guard may delete.</summary>
    internal bool WasChanged()
    {
        _changes.Clear();
        bool complete = _monitor.Drain(FenceRules.Table, _changes);
        // Somebody loaded more rules than could be told: then the fence itself is looked at.
        return _changes.Exists(IsStructure) || (!complete && List() != _asInstalled);
    }

    /// <summary>Leases and what belongs to them: without nft, which reads all rules of the host before it does anything.</summary>
    internal bool Run(ElementBatch changes) => _elements.Run(changes).Ok;

    internal bool Remove()
    {
        bool removed = _nft.Run(FenceRules.Remove(_egress)).Ok;
        _changes.Clear();
        _monitor.Drain(FenceRules.Table, _changes);
        return removed;
    }

    public void Dispose()
    {
        _monitor.Dispose();
        _elements.Dispose();
        _nft.Dispose();
    }

    private string List() => _nft.Run(FenceRules.List) is { Ok: true } listing ? listing.Text : "";

    private static bool IsStructure(RulesChange change) =>
        change.Kind is not (RulesChangeKind.NewElement or RulesChangeKind.DeletedElement) || change.Set.StartsWith(FenceRules.VipSets, StringComparison.Ordinal);
}
