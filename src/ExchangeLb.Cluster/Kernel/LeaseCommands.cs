using System;
using System.Globalization;
using System.Linq;
using System.Text;

namespace ExchangeLb.Cluster.Kernel;

/// <summary>
/// The transactions on one VIP's elements. `delete` of an element that has expired or is not there fails its whole transaction, and that is
/// what makes a commit conditional; where an absent one is no failure it is added first.
/// </summary>
/// <param name="egress">Whether the fence has its netdev table.</param>
internal sealed class LeaseCommands(VipTarget vip, bool egress)
{
    private readonly string[] _lease = [.. Places(vip, egress, everywhere: true).Select(place => $"{place} lease{vip.Family}")];
    private readonly string[] _claim = [.. Places(vip, egress, everywhere: false).Select(place => $"{place} claim{vip.Family}")];
    private readonly string _permit = $"inet {FenceRules.Table} permit{vip.Family}";
    private readonly string _hold = $"inet {FenceRules.Table} hold{vip.Family}";
    private readonly string _holder = $"inet {FenceRules.Table} {vip.Holder}";

    internal string Claim(long lifeMs) => Text(text =>
    {
        foreach (string set in _claim)
        {
            Clear(text, set);
            Add(text, set, lifeMs);
        }
    });

    internal string DropClaim() => Text(text => Clear(text, _claim));

    internal string Permit(long lifeMs) => Text(text =>
    {
        Clear(text, _permit);
        Add(text, _permit, lifeMs);
    });

    internal string Acquire(ulong incarnation, long leaseMs) => Text(text =>
    {
        Delete(text, _permit);
        Delete(text, _claim);
        SetHolder(text, incarnation);
        Create(text, leaseMs);
    });

    internal string Renew(long leaseMs) => Text(text =>
    {
        Delete(text, _permit);
        Delete(text, _lease);
        foreach (string set in _lease)
        {
            Add(text, set, leaseMs);
        }
    });

    /// <summary>Sets the lease again in a fence that was made anew: there is none to delete.</summary>
    internal string Restore(long leaseMs) => Text(text =>
    {
        Delete(text, _permit);
        Create(text, leaseMs);
    });

    internal string SetHolder(ulong incarnation) => Text(text => SetHolder(text, incarnation));

    internal string Release() => Text(text =>
    {
        text.Append($"flush set {_holder}\n");
        ClearAll(text);
    });

    /// <summary>Fails unless the lease is of this incarnation.</summary>
    internal string ReleaseOf(ulong incarnation) => Text(text =>
    {
        text.Append($"delete element {_holder} {{ {Halves(incarnation)} }}\n");
        ClearAll(text);
    });

    internal string Hold(long lifeMs) => Text(text =>
    {
        Clear(text, _hold);
        Add(text, _hold, lifeMs);
    });

    internal string DropHold() => Text(text => Clear(text, _hold));

    private static string[] Places(VipTarget vip, bool egress, bool everywhere)
    {
        // Claims concern ARP and ND only: for IPv4 the inet table has nothing to look up.
        string[] first = vip.V6 ? ["inet"] : everywhere ? ["arp", "inet"] : ["arp"];
        return [.. first.Concat(egress ? ["netdev"] : []).Select(family => $"{family} {FenceRules.Table}")];
    }

    private static string Text(Action<StringBuilder> write)
    {
        StringBuilder text = new(512);
        write(text);
        return text.ToString();
    }

    private static string Halves(ulong incarnation) => string.Create(CultureInfo.InvariantCulture, $"0x{incarnation >> 32:x8} . 0x{(uint)incarnation:x8}");

    private void SetHolder(StringBuilder text, ulong incarnation) => text.Append($"flush set {_holder}\nadd element {_holder} {{ {Halves(incarnation)} }}\n");

    private void ClearAll(StringBuilder text)
    {
        Clear(text, _lease);
        Clear(text, _claim);
        Clear(text, _permit);
    }

    private void Clear(StringBuilder text, params ReadOnlySpan<string> sets)
    {
        foreach (string set in sets)
        {
            text.Append($"add element {set} {{ {vip.Text} timeout 10s }}\n");
            text.Append($"delete element {set} {{ {vip.Text} }}\n");
        }
    }

    private void Delete(StringBuilder text, params ReadOnlySpan<string> sets)
    {
        foreach (string set in sets)
        {
            text.Append($"delete element {set} {{ {vip.Text} }}\n");
        }
    }

    private void Add(StringBuilder text, string set, long lifeMs) =>
        text.Append(CultureInfo.InvariantCulture, $"add element {set} {{ {vip.Text} timeout {lifeMs}ms }}\n");

    /// <summary>`create` fails where a lease lives: an acquisition then is not what it believes to be.</summary>
    private void Create(StringBuilder text, long leaseMs)
    {
        foreach (string set in _lease)
        {
            text.Append(CultureInfo.InvariantCulture, $"create element {set} {{ {vip.Text} timeout {leaseMs}ms }}\n");
        }
    }
}
