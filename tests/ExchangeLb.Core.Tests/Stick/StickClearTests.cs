using System;
using System.Linq;
using ExchangeLb.Core.Stick;
using Xunit;

namespace ExchangeLb.Core.Tests.Stick;

/// <summary>Clearing in a cluster: what is gone stays gone, whatever a peer still has.</summary>
public sealed class StickClearTests
{
    [Fact]
    public void A_cleared_key_refuses_older_values_takes_later_ones_and_is_told_of()
    {
        (StickTable table, RecordingSink sink) = Shared();
        table.Store(1, 7, 0);
        StickUpdate old = sink.Updates[0];

        Assert.True(table.Remove(1, 10));
        Assert.False(table.Remove(1, 10));

        Assert.Equal(StickUpdate.Cleared, sink.Updates[1].ServerId);
        Assert.True(sink.Updates[1].Version > old.Version);
        Assert.Equal(MergeOutcome.Stale, table.Merge(old, 20));
        Assert.False(table.TryMatch(1, 20, out _));
        Assert.Equal(0, table.Used);
        Assert.Equal(StoreOutcome.Added, table.Store(1, 8, 30));
        Assert.Equal(1, table.Used);
    }

    [Fact]
    public void All_keys_of_a_server_are_told_of_one_by_one()
    {
        (StickTable table, RecordingSink sink) = Shared(size: 5000);
        for (int i = 0; i < 3000; i++)
        {
            table.Store((UInt128)i, 1 + (i % 2), 0);
        }
        sink.Updates.Clear();

        Assert.Equal(1500, table.RemoveWhere(1, 0));

        Assert.Equal(1500, sink.Updates.Count(update => update.ServerId == StickUpdate.Cleared));
        Assert.Equal(1500, table.Used);
        Assert.Equal(0, table.RemoveWhere(1, 0));
    }

    [Fact]
    public void A_whole_table_is_cleared_up_to_a_version_and_older_values_do_not_come_back()
    {
        (StickTable table, RecordingSink sink) = Shared();
        table.Merge(new StickUpdate(5, 1, 1000, new StickVersion(9, 100, 2)), 0);
        table.Store(1, 7, 0);

        Assert.Equal(2, table.RemoveWhere(0, 0));
        table.Store(2, 7, 0);

        Assert.Equal(1, sink.Clears);
        Assert.True(table.ClearedUpTo > new StickVersion(9, 100, 2));
        Assert.Equal(MergeOutcome.Stale, table.Merge(new StickUpdate(5, 1, 1000, new StickVersion(9, 100, 2)), 0));
        Assert.Equal([2], table.Content(0).Keys.Select(key => (int)key));
        Assert.True(sink.Updates[^1].Version > table.ClearedUpTo);
    }

    [Fact]
    public void A_peers_clearing_takes_what_is_older_and_leaves_what_is_later()
    {
        (StickTable table, _) = Shared();
        table.Merge(new StickUpdate(1, 1, 1000, new StickVersion(2, 5, 2)), 0);
        table.Merge(new StickUpdate(2, 1, 1000, new StickVersion(2, 7, 2)), 0);

        Assert.True(table.MergeClear(new StickVersion(2, 6, 3)));
        Assert.False(table.MergeClear(new StickVersion(2, 6, 3)));

        Assert.Equal([2], table.Content(0).Keys.Select(key => (int)key));
    }

    [Fact]
    public void Memories_of_cleared_keys_make_room_before_any_entry_does()
    {
        (StickTable table, _) = Shared(size: 4);
        for (int i = 0; i < 4; i++)
        {
            table.Store((UInt128)i, 1, i);
        }
        table.Remove(3, 10);
        table.Remove(2, 10);

        table.Store(10, 1, 20);
        table.Store(11, 1, 20);

        Assert.Equal(0, table.PurgedTotal);
        Assert.Equal([0, 1, 10, 11], table.Content(20).Keys.Select(key => (int)key).Order());
        table.Store(12, 1, 20);
        Assert.Equal(1, table.PurgedTotal);
    }

    [Fact]
    public void The_memory_of_a_cleared_key_never_takes_the_place_of_an_entry()
    {
        (StickTable table, _) = Shared(size: 2, expireMs: 1000);
        table.Store(1, 1, 0);
        table.Store(2, 1, 0);

        MergeOutcome outcome = table.Merge(new StickUpdate(3, StickUpdate.Cleared, 1000, new StickVersion(9, 9, 2)), 1);

        Assert.Equal(MergeOutcome.Refused, outcome);
        Assert.Equal(2, table.Used);
    }

    [Fact]
    public void The_memory_of_a_cleared_key_ends_with_the_life_that_any_copy_may_have()
    {
        (StickTable table, _) = Shared(expireMs: 1000);
        table.Store(1, 1, 0);
        table.Remove(1, 500);
        StickUpdate older = new(1, 1, 1000, new StickVersion(0, 1, 2));

        Assert.Equal(MergeOutcome.Stale, table.Merge(older, 1499));
        Assert.Equal(1, table.Sweep(1500, 10));
        Assert.Equal(MergeOutcome.Added, table.Merge(older, 1500));
        Assert.Equal(0, table.ExpiredTotal);
    }

    [Fact]
    public void A_newcomers_lessons_hold_cleared_keys_people_do_not_see_them()
    {
        (StickTable table, _) = Shared();
        table.Store(1, 1, 0);
        table.Store(2, 1, 0);
        table.Remove(1, 0);
        var slice = new StickUpdate[100];
        int from = 0;

        table.CopyUpdates(ref from, slice, 0, out int copied);

        Assert.Equal([-1, 1], slice[..copied].Select(update => update.ServerId).Order());
        Assert.Equal([2], table.Content(0).Keys.Select(key => (int)key));
        Assert.False(table.TryRead(1, 0, out _));
    }

    [Fact]
    public void Two_nodes_that_write_the_same_moment_agree_on_which_is_later()
    {
        (StickTable one, RecordingSink ofOne) = Shared(writer: 1);
        (StickTable two, RecordingSink ofTwo) = Shared(writer: 2);
        one.Store(1, 7, 0);
        two.Store(1, 8, 0);

        one.Merge(ofTwo.Updates[0], 0);
        two.Merge(ofOne.Updates[0], 0);

        Assert.Equal(one.Content(0)[1], two.Content(0)[1]);
    }

    [Fact]
    public void A_life_begins_behind_all_versions_of_the_one_before()
    {
        RecordingSink sink = new();
        StickTable table = StickTables.Create();

        table.Store(1, 6, 0);
        table.Share(writer: 3, sequence: 5000, sink);
        table.Store(2, 7, 0);

        Assert.Equal(new StickVersion(0, 5001, 3), Assert.Single(sink.Updates).Version);
        Assert.Equal(new StickVersion(0, 1, 3), table.Content(0)[1].Version);
    }

    private static (StickTable Table, RecordingSink Sink) Shared(int size = 1000, long expireMs = 60_000, uint writer = 1)
    {
        RecordingSink sink = new();
        StickTable table = StickTables.Create(size, expireMs);
        table.Share(writer, 0, sink);
        return (table, sink);
    }
}
