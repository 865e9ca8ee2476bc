using System;
using System.Collections.Generic;
using System.Linq;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Cluster.Replication.Knowing;
using ExchangeLb.Cluster.Replication.Outgoing;
using ExchangeLb.Cluster.Replication.Settings;
using ExchangeLb.Cluster.Replication.Tables;
using ExchangeLb.Cluster.Replication.Wire;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Runtime;
using ExchangeLb.Core.Stick;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Xunit;

namespace ExchangeLb.Cluster.Tests.Replication;

/// <summary>The bytes on the wire, written down once: a pair is upgraded one node after the other, so they only ever grow.</summary>
public sealed class WireTests
{
    private const string Batch =
        "01 01 0807060504030201"                                    // form, batch, incarnation
        + "0200000000000000"                                        // number
        + "02 14000000 0200 7431 03000000 0900000000000000 02000000" // clear: t1 up to (3, 9) of node 2
        + "03 17000000 01 0200 0500000000000000 01000000 0200 6231 0200 7331" // state of b1/s1: 2, version (5, node 1)
        + "01 46000000 0200 7431 04 1A 0200"                        // entries of t1: keys of 4 bytes, entries of 26, two
        + "0100000A 0000 A00F0000 07000000 0400000000000000 01000000" // 10.0.0.1 -> server 0 for 4,000 ms, version (7, 4) of node 1
        + "0200000A FFFF FFFFFFFF 07000000 0500000000000000 01000000" // 10.0.0.2: cleared
        + "0100 03000000 0200 7331";                                // servers: 0 is id 3, s1

    [Fact]
    public void A_batch_is_these_bytes()
    {
        ReplicationBody body = new(1024 * 4);
        TableLink link = Link(StickKeyKind.IPv4, (3, "s1"));
        link.Table.MergeClear(new StickVersion(3, 9, 2));
        StickBlockWriter block = new(body);

        body.Begin(MessageType.Batch, 0x0102030405060708);
        body.UInt64(2);
        ClearBlock.TryWrite(body, link);
        SettingBlock.WriteOne(body, new ServerSetting(new ServerName("b1", "s1"), ServerSettingKind.State, 2), new SettingVersion(5, 1));
        block.TryBegin(link);
        block.TryAdd(new StickUpdate(0x0A000001, 3, 4000, new StickVersion(7, 4, 1)));
        block.TryAdd(new StickUpdate(0x0A000002, StickUpdate.Cleared, StickTable.NeverMs, new StickVersion(7, 5, 1)));
        block.End();

        Assert.Equal(Batch.Replace(" ", ""), Convert.ToHexString(body.Body));
    }

    [Fact]
    public void A_statement_of_what_is_known_is_these_bytes()
    {
        ReplicationBody body = new(1024);

        body.Begin(MessageType.Known, 1);
        body.Byte(1);
        KnowledgeList.Write(body, [new KnownStream(new NodeId(2), 3, 4, 5)]);

        Assert.Equal("01020100000000000000" + "01" + "01" + "02000000" + "0300000000000000" + "0400000000000000" + "0500000000000000", Convert.ToHexString(body.Body));
    }

    [Fact]
    public void An_entry_of_any_kind_of_key_comes_back_as_it_went()
    {
        ReplicationBody body = new(4096);
        TableLink link = Link(StickKeyKind.IPv6, (1, "eins"), (2, "zwei"));
        StickBlockWriter block = new(body);
        StickUpdate[] updates =
        [
            new(UInt128.MaxValue, 2, 1, new StickVersion(uint.MaxValue, long.MaxValue, uint.MaxValue)),
            new(1, 1, 1L << 40, new StickVersion(1, 2, 3)),
            new(2, 5, StickTable.NeverMs, new StickVersion(1, 2, 3)),
        ];

        block.TryBegin(link);
        Assert.All(updates, update => Assert.True(block.TryAdd(update)));
        block.End();

        Assert.True(StickBlock.TryRead(body.Body[5..], out StickBlock read));
        Assert.Equal(3, read.ServerCount);
        Assert.Equal(updates[0] with { ServerId = 10 }, read.Entry(0, [10, 20, 30]));
        Assert.Equal(updates[1] with { ServerId = 20, RemainingMs = uint.MaxValue - 1 }, read.Entry(1, [10, 20, 30]));
        Assert.Equal(updates[2] with { ServerId = 30 }, read.Entry(2, [10, 20, 30]));
    }

    [Fact]
    public void A_full_message_says_so_and_is_whole()
    {
        ReplicationBody body = new(2048);
        TableLink link = Link(StickKeyKind.IPv4, [.. Enumerable.Range(1, 200).Select(i => (i, new string('s', 200) + i))]);
        StickBlockWriter block = new(body);
        block.TryBegin(link);
        int added = 0;

        while (block.TryAdd(new StickUpdate((UInt128)added, 1 + added, 5, new StickVersion(1, 1))))
        {
            added++;
        }
        block.End();

        Assert.InRange(added, 1, 8);
        Assert.True(body.Length <= 2048);
        Assert.True(StickBlock.TryRead(body.Body[5..], out StickBlock read));
        Assert.Equal((added, added), (read.Count, read.ServerCount));
    }

    [Fact]
    public void A_block_of_a_kind_of_a_later_release_is_left_out_and_the_rest_taken()
    {
        (BlockIntake intake, StickTable table) = Intake();
        byte[] known = Convert.FromHexString(Batch.Replace(" ", ""))[18..];

        Assert.True(intake.TryTake([.. Convert.FromHexString("63 03000000 ABCDEF".Replace(" ", "")), .. known], taught: false, 0));

        Assert.Equal(1, table.Used);
    }

    /// <summary>Cut anywhere, or with a bit turned: taken whole or not at all, and nothing is thrown.</summary>
    [Property(MaxTest = 2000)]
    public Property A_damaged_batch_changes_nothing_or_is_in_order(int at, byte turned, bool cut)
    {
        (BlockIntake intake, StickTable table) = Intake();
        byte[] blocks = Convert.FromHexString(Batch.Replace(" ", ""))[18..];
        int place = (int)((uint)at % (uint)blocks.Length);
        blocks[place] ^= turned;
        blocks = cut ? blocks[..place] : blocks;

        bool taken = intake.TryTake(blocks, taught: false, 0);

        bool untouched = table.Used == 0 && table.ClearedUpTo == default && intake.ReceivedTotal == 0;
        return (taken || untouched).Label($"byte {place} ^ {turned}, cut: {cut}");
    }

    [Property(MaxTest = 1000)]
    public void Whatever_bytes_arrive_nothing_is_thrown(byte[] bytes, byte type)
    {
        ReplicaWorld world = new(1);
        Replica one = world.Add(state => state.Add("t1", servers: [(1, "s1")]));
        Replica other = world.Add(state => state.Add("t1", servers: [(1, "s1")]));
        world.InstallViews();

        one.Replicator.MessageArrived(other.Id, [1, (byte)(type % 7), 1, 0, 0, 0, 0, 0, 0, 0, .. bytes]);
        one.Replicator.MessageArrived(other.Id, bytes);
    }

    [Fact]
    public void A_message_of_a_later_form_is_refused_and_counted()
    {
        (ReplicaWorld _, Replica one, Replica other) = ReplicatorTests.Pair(_ => { }, _ => { });

        one.Replicator.MessageArrived(other.Id, [2, 1, 1, 0, 0, 0, 0, 0, 0, 0]);

        Assert.Equal(1, one.Replicator.RejectedTotal);
    }

    private static TableLink Link(StickKeyKind key, params (int Id, string Name)[] servers)
    {
        ReplicaState state = new();
        StickTable table = state.Add("t1", key: key, servers: servers);
        TableLink link = new(0, table, new UpdateQueue(16, null));
        link.Follow(state.Content.Tables[0].Servers);
        return link;
    }

    private static (BlockIntake Intake, StickTable Table) Intake()
    {
        ReplicaState state = new();
        StickTable table = state.Add("t1", servers: [(3, "s1")]);
        TableDirectory tables = new(new NodeId(1), 1, new UpdateQueue(16, null));
        tables.Follow(state.Content);
        return (new BlockIntake(tables, new SettingRegisters(new NodeId(1), 1, state), new Knowledge()), table);
    }
}
