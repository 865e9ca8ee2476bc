using System;
using System.Collections.Generic;
using ExchangeLb.Linux.Netlink;
using ExchangeLb.Linux.Nftables;
using Xunit;

namespace ExchangeLb.Linux.Tests.Nftables;

/// <summary>Messages and attributes of linux/netfilter/nf_tables.h; that a kernel understands them the lab tests show.</summary>
public sealed class ElementBatchTests
{
    private static readonly NftSet Set = new(NftFamily.Inet, "t", "permit4");

    [Fact]
    public void A_timed_element_is_added_in_a_transaction_of_its_own()
    {
        uint sequence = 0;
        byte[] bytes = new ElementBatch().Begin().Add(Set, [192, 168, 200, 25], 10).End(ref sequence, out _).ToArray();

        Assert.Equal(
            "14000000" + "1000" + "0100" + "01000000" + "00000000" + "0000000A"
            + "48000000" + "0C0A" + "0504" + "02000000" + "00000000" + "01000000"
            + "06000100" + "74000000"
            + "0C000200" + "7065726D69743400"
            + "20000380" + "1C000180" + "0C000180" + "08000100" + "C0A8C819" + "0C000400" + "000000000000000A"
            + "14000000" + "1100" + "0100" + "03000000" + "00000000" + "0000000A",
            Convert.ToHexString(bytes));
    }

    [Fact]
    public void Only_the_last_change_is_acknowledged_and_each_says_what_must_not_be_there()
    {
        uint sequence = 0;

        ReadOnlySpan<byte> bytes = new ElementBatch().Begin().Delete(Set, [1, 2, 3, 4]).Flush(Set).Create(Set, [1, 2, 3, 4], 5).End(ref sequence, out uint acknowledged);

        List<string> messages = [];
        NetlinkReader reader = new(bytes);
        while (reader.Next()) { messages.Add($"{reader.Header.Type:x} {(NetlinkFlags)reader.Header.Flags}"); }
        Assert.Equal(
            ["10 NLM_F_REQUEST", "a0e NLM_F_REQUEST", "a0e NLM_F_REQUEST", "a0c NLM_F_REQUEST, NLM_F_ACK, NLM_F_EXCL, NLM_F_CREATE", "11 NLM_F_REQUEST"],
            messages);
        Assert.Equal((4u, 5u), (acknowledged, sequence));
    }

    [Fact]
    public void A_batch_is_used_again_and_several_count_on_together()
    {
        uint sequence = 0;
        ElementBatch one = new();
        ElementBatch other = new();
        one.Begin().Delete(Set, [1, 2, 3, 4]).Delete(Set, [1, 2, 3, 5]).End(ref sequence, out _);

        other.Begin().Delete(Set, [1, 2, 3, 4]).End(ref sequence, out uint ofOther);
        ReadOnlySpan<byte> bytes = one.Begin().Delete(Set, [1, 2, 3, 4]).End(ref sequence, out uint ofOne);

        List<uint> numbers = [];
        NetlinkReader reader = new(bytes);
        while (reader.Next()) { numbers.Add(reader.Header.Sequence); }
        Assert.Equal(20 + 60 + 20, bytes.Length);
        Assert.Equal([8u, 9u, 10u], numbers);
        Assert.Equal((6u, 9u), (ofOther, ofOne));
    }
}
