using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using ExchangeLb.Linux.Clocks;
using ExchangeLb.Linux.Nftables;
using ExchangeLb.Linux.Process;

namespace ExchangeLb.Cluster.Kernel;

/// <summary>What this host's kernel and nft can do of what the fence wants, found out once by trying.</summary>
/// <param name="Egress">netdev egress chains (kernel 5.16, nft 1.0.1).</param>
/// <param name="Tick">How finely timed elements are cut: 1/CONFIG_HZ. They never live longer than asked, but up to a tick less.</param>
/// <param name="Fallbacks">One sentence for each thing that is missing: what it is, and what is done without it.</param>
public sealed record KernelFeatures(bool Egress, TimeSpan Tick, ImmutableArray<string> Fallbacks)
{
    private const string Probe = "exchangelb_probe";

    /// <summary>A life of an element as the kernel counts it. Null: shorter than it can count; it would take 0 for "for ever".</summary>
    internal long? ToMs(TimeSpan life)
    {
        long ms = (long)Math.Floor(life.TotalMilliseconds);
        return ms >= Tick.TotalMilliseconds && ms > 0 ? ms : null;
    }

    /// <exception cref="InvalidOperationException">Without this no fence can be built; the message says what to do.</exception>
    internal static KernelFeatures Find(INftables nft) =>
        Find(nft, nft is not NftProcess, Capabilities.Missing(Capability.CAP_NET_ADMIN | Capability.CAP_NET_RAW), KernelClock.Tick);

    /// <param name="library">libnftables is there.</param>
    /// <param name="missing">Rights that this process needs and has not, with commas between them.</param>
    internal static KernelFeatures Find(INftables nft, bool library, string missing, TimeSpan tick)
    {
        List<string> fallbacks = [];
        if (missing.Length > 0)
        {
            throw new InvalidOperationException($"a virtual address needs {missing}: start as root, or with AmbientCapabilities={missing.Replace(",", "", StringComparison.Ordinal)} in the unit");
        }
        Require(nft, "arp", "chain c { type filter hook input priority 0; arp daddr ip @s drop; }");
        Require(nft, "inet", "set h { type mark . mark; }\nchain c { type filter hook prerouting priority -400; ip daddr @s drop; }");
        if (!library)
        {
            fallbacks.Add("libnftables.so.1 is not on this host (package libnftables1): the program nft is started to put up the fence and to mend it, which takes some milliseconds longer; leases need neither");
        }
        bool egress = Works(nft, "netdev", "chain c { type filter hook egress device \"lo\" priority 0; ip saddr @s drop; }").Ok;
        if (!egress)
        {
            fallbacks.Add("no egress hook in nftables (kernel 5.16, nft 1.0.1): an announcement is checked against the lease before it is sent, and not by the kernel while it is");
        }
        if (tick > TimeSpan.FromMilliseconds(4))
        {
            fallbacks.Add($"timed elements are cut to {tick.TotalMilliseconds:0} ms by this kernel (CONFIG_HZ): leases end up to that much early");
        }
        return new KernelFeatures(egress, tick, [.. fallbacks]);
    }

    private static void Require(INftables nft, string family, string content)
    {
        NftOutcome outcome = Works(nft, family, content);
        if (!outcome.Ok)
        {
            throw new InvalidOperationException(
                $"this kernel can't fence a virtual address: nftables refuses a table of family {family} with timed elements ({outcome.Text.Split('\n')[0]}); load the module nf_tables, or use a kernel of 4.18 or later");
        }
    }

    /// <summary>Made and deleted in one transaction: nobody ever meets it.</summary>
    private static NftOutcome Works(INftables nft, string family, string content) =>
        nft.Run($"table {family} {Probe} {{ set s {{ type ipv4_addr; flags timeout; }}\n{content}\n}}\ndelete table {family} {Probe}\n");
}
