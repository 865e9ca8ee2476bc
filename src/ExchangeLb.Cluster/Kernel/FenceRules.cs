using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using ExchangeLb.Linux.Sockets;

namespace ExchangeLb.Cluster.Kernel;

/// <summary>
/// The fence as nft rules: three tables of our own, one a family. A VIP whose element is in `lease` passes; one that has only a `claim`
/// answers probes and nothing else; all others are dropped, in and out, on every interface. The kernel looks at the elements' expiry for each packet.
/// </summary>
/// <remarks>
/// <para>ARP: what asks for a VIP is dropped on its way in, what names it as sender on its way out. Others' announcements of it
/// pass in, so that this host learns where the VIP is.</para>
/// <para>ND needs no look into the message: the kernel answers for an address from this very address (ndisc_send_na), a probe to all nodes (RFC 4861,
/// 7.2.4), so the source tells. That works with every nft; `icmpv6 taddr` and `typeof @th,64,128` don't.</para>
/// <para>Out is hooked behind source NAT, for forwarded packets too. The egress chain (5.16 and later) meets what the program sends
/// as raw frames, should it send them late.</para>
/// <para>`hold` keeps new connections out while a VIP is handed over, `frozen` all of TCP while established ones move.
/// `mute` drops what the kernel answers for connections whose sockets are still being made: <see cref="SilencedResets"/>.</para>
/// </remarks>
internal static class FenceRules
{
    internal const string Table = "exchangelb_fence";

    /// <summary>The reset of a connection that nobody accepted, or that ends with a hand-over, passes also from a host that has lost the address: see <see cref="SocketMarks.NotAccepted"/>.</summary>
    private static readonly string NotAccepted = string.Create(CultureInfo.InvariantCulture, $"meta mark 0x{SocketMarks.NotAccepted:x} tcp flags & rst == rst accept");

    /// <summary>The sets whose elements only structure changes: a foreign change of them is a hole in the fence.</summary>
    internal const string VipSets = "vips";

    /// <summary>Shows what must never differ: chains with their rules, and the VIPs.</summary>
    internal const string List = $"""
        list chain arp {Table} in
        list chain arp {Table} out
        list chain inet {Table} in
        list chain inet {Table} out
        list set arp {Table} vips4
        list set inet {Table} vips4
        list set inet {Table} vips6

        """;

    /// <summary>Replaces whatever tables of ours there are, in one transaction, by closed ones.</summary>
    /// <param name="egress">Whether the kernel has that hook: then there is a table for it.</param>
    /// <param name="devices">Those that are there now: a chain for one that is missing would be refused.</param>
    internal static string Install(IReadOnlyCollection<VipTarget> vips, bool egress, IEnumerable<string> devices)
    {
        string v4 = Elements(vips.Where(vip => !vip.V6));
        string v6 = Elements(vips.Where(vip => vip.V6));
        StringBuilder text = new(Remove(egress));
        text.Append($$"""
            table arp {{Table}} {
                set vips4 { type ipv4_addr; {{v4}} }
                set lease4 { type ipv4_addr; flags timeout; }
                set claim4 { type ipv4_addr; flags timeout; }
                chain in {
                    type filter hook input priority -300; policy accept;
                    arp daddr ip @lease4 accept
                    arp saddr ip 0.0.0.0 arp daddr ip @claim4 accept
                    arp saddr ip @vips4 accept
                    arp daddr ip @vips4 drop
                }
                chain out {
                    type filter hook output priority 300; policy accept;
                    arp saddr ip @lease4 accept
                    arp daddr ip 0.0.0.0 arp saddr ip @claim4 accept
                    arp saddr ip @vips4 drop
                }
            }
            table inet {{Table}} {
                set vips4 { type ipv4_addr; {{v4}} }
                set lease4 { type ipv4_addr; flags timeout; }
                set permit4 { type ipv4_addr; flags timeout; }
                set hold4 { type ipv4_addr; flags timeout; }
                set frozen4 { type ipv4_addr; flags timeout; }
                set mute4 { type ipv4_addr; flags timeout; }
                set vips6 { type ipv6_addr; {{v6}} }
                set lease6 { type ipv6_addr; flags timeout; }
                set claim6 { type ipv6_addr; flags timeout; }
                set permit6 { type ipv6_addr; flags timeout; }
                set hold6 { type ipv6_addr; flags timeout; }
                set frozen6 { type ipv6_addr; flags timeout; }
                set mute6 { type ipv6_addr; flags timeout; }

            """);
        foreach (VipTarget vip in vips)
        {
            text.Append($"    set {vip.Holder} {{ type mark . mark; }}\n");
        }
        text.Append($$"""
                chain in {
                    type filter hook prerouting priority -400; policy accept;
                    ip daddr @hold4 tcp flags & (fin|syn|rst|ack) == syn drop
                    ip6 daddr @hold6 tcp flags & (fin|syn|rst|ack) == syn drop
                    ip daddr @frozen4 meta l4proto tcp drop
                    ip6 daddr @frozen6 meta l4proto tcp drop
                    ip daddr @lease4 accept
                    ip daddr @vips4 drop
                    ip6 daddr @lease6 accept
                    ip6 daddr @vips6 drop
                }
                chain out {
                    type filter hook postrouting priority 400; policy accept;
                    ip saddr @frozen4 meta l4proto tcp drop
                    ip6 saddr @frozen6 meta l4proto tcp drop
                    tcp flags & (rst|ack) == rst ip saddr @mute4 drop
                    tcp flags & (rst|ack) == rst ip6 saddr @mute6 drop
                    {{NotAccepted}}
                    ip saddr @lease4 accept
                    ip saddr @vips4 drop
                    ip6 saddr @lease6 accept
                    ip6 saddr @claim6 ip6 daddr ff02::1 icmpv6 type nd-neighbor-advert accept
                    ip6 saddr @vips6 drop
                }
            }

            """);
        if (egress)
        {
            AppendEgress(text, v4, v6, devices);
        }
        return text.ToString();
    }

    /// <summary>Changes a fence that stands.</summary>
    /// <param name="chains">Chains of devices that there have been in it.</param>
    internal static string Change(FenceChange change, bool egress, int chains)
    {
        StringBuilder text = new();
        foreach (VipTarget vip in change.Added)
        {
            text.Append($"add set inet {Table} {vip.Holder} {{ type mark . mark; }}\n");
            foreach (string family in FamiliesOf(vip, egress)) { text.Append($"add element {family} {Table} vips{vip.Family} {{ {vip.Text} }}\n"); }
        }
        foreach (VipTarget vip in change.Removed)
        {
            foreach (string family in FamiliesOf(vip, egress)) { text.Append($"delete element {family} {Table} vips{vip.Family} {{ {vip.Text} }}\n"); }
            text.Append($"delete set inet {Table} {vip.Holder}\n");
        }
        foreach (string device in egress ? change.Devices : [])
        {
            text.Append($"add chain netdev {Table} out{chains} {{ type filter hook egress device \"{device}\" priority 0; policy accept; }}\n");
            text.Append($"add rule netdev {Table} out{chains++} jump guard\n");
        }
        return text.ToString();
    }

    /// <summary>Deletes our tables, whether they are there or not.</summary>
    internal static string Remove(bool egress)
    {
        StringBuilder text = new();
        foreach (string family in egress ? ["arp", "inet", "netdev"] : (string[])["arp", "inet"])
        {
            text.Append($"table {family} {Table}\ndelete table {family} {Table}\n");   // a declaration adds it if it is missing
        }
        return text.ToString();
    }

    private static void AppendEgress(StringBuilder text, string v4, string v6, IEnumerable<string> devices)
    {
        text.Append($$"""
            table netdev {{Table}} {
                set vips4 { type ipv4_addr; {{v4}} }
                set lease4 { type ipv4_addr; flags timeout; }
                set claim4 { type ipv4_addr; flags timeout; }
                set vips6 { type ipv6_addr; {{v6}} }
                set lease6 { type ipv6_addr; flags timeout; }
                set claim6 { type ipv6_addr; flags timeout; }
                chain guard {
                    arp saddr ip @lease4 accept
                    arp daddr ip 0.0.0.0 arp saddr ip @claim4 accept
                    arp saddr ip @vips4 drop
                    {{NotAccepted}}
                    ip saddr @lease4 accept
                    ip saddr @vips4 drop
                    ip6 saddr @lease6 accept
                    ip6 saddr @claim6 ip6 daddr ff02::1 icmpv6 type nd-neighbor-advert accept
                    ip6 saddr @vips6 drop
                }

            """);
        int number = 0;
        foreach (string device in devices)
        {
            text.Append($"    chain out{number++} {{ type filter hook egress device \"{device}\" priority 0; policy accept; jump guard; }}\n");
        }
        text.Append("}\n");
    }

    private static string[] FamiliesOf(VipTarget vip, bool egress) =>
        [.. vip.V6 ? (string[])["inet"] : ["arp", "inet"], .. egress ? (string[])["netdev"] : []];

    /// <summary>nft takes no empty list.</summary>
    private static string Elements(IEnumerable<VipTarget> vips)
    {
        string list = string.Join(", ", vips.Select(vip => vip.Text));
        return list.Length == 0 ? "" : $"elements = {{ {list} }}";
    }
}
