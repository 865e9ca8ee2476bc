using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using ExchangeLb.Core.Stick;
using Xunit;

namespace ExchangeLb.Core.Tests.Stick;

public sealed class StickTableTests
{
    [Fact]
    public void A_stored_key_matches_until_it_has_not_been_used_for_its_life()
    {
        StickTable table = StickTables.Create(expireMs: 1000);

        Assert.Equal(StoreOutcome.Added, table.Store(1, 7, nowMs: 0));
        Assert.True(table.TryMatch(1, 999, out int server));
        Assert.Equal(7, server);
        Assert.True(table.TryMatch(1, 1998, out _));
        Assert.False(table.TryMatch(1, 2998, out _));
        Assert.Equal(0, table.Used);
        Assert.Equal(1, table.ExpiredTotal);
    }

    [Fact]
    public void Storing_says_whether_the_server_is_new_the_same_or_another()
    {
        StickTable table = StickTables.Create();

        Assert.Equal(StoreOutcome.Added, table.Store(1, 7, 0));
        Assert.Equal(StoreOutcome.Unchanged, table.Store(1, 7, 1));
        Assert.Equal(StoreOutcome.Changed, table.Store(1, 8, 2));
        Assert.True(table.TryMatch(1, 3, out int server));
        Assert.Equal(8, server);
    }

    [Fact]
    public void A_full_table_forgets_the_entry_that_was_used_longest_ago()
    {
        StickTable table = StickTables.Create(size: 3);
        table.Store(1, 7, 0);
        table.Store(2, 7, 1);
        table.Store(3, 7, 2);
        table.TryMatch(1, 3, out _);

        StoreOutcome outcome = table.Store(4, 7, 4);

        Assert.Equal(StoreOutcome.Added, outcome);
        Assert.Equal([1, 3, 4], table.Content(4).Keys.Select(key => (int)key).Order());
        Assert.Equal(1, table.PurgedTotal);
    }

    [Fact]
    public void Order_of_use_holds_within_one_millisecond_and_without_expiry_too()
    {
        StickTable table = StickTables.Create(size: 3, expireMs: null);
        table.Store(1, 7, 5);
        table.Store(2, 7, 5);
        table.Store(3, 7, 5);
        table.TryMatch(1, 5_000_000_000, out _);

        table.Store(4, 7, 5_000_000_001);

        Dictionary<UInt128, StickEntry> content = table.Content(6_000_000_000);
        Assert.Equal([1, 3, 4], content.Keys.Select(key => (int)key).Order());
        Assert.Equal(StickTable.NeverMs, content[1].RemainingMs);
    }

    [Fact]
    public void With_nopurge_a_full_table_refuses_new_keys_until_one_has_expired()
    {
        StickTable table = StickTables.Create(size: 2, expireMs: 100, noPurge: true);
        table.Store(1, 7, 0);
        table.Store(2, 7, 50);

        Assert.Equal(StoreOutcome.Refused, table.Store(3, 7, 60));
        Assert.Equal(StoreOutcome.Changed, table.Store(2, 8, 60));
        Assert.Equal(StoreOutcome.Added, table.Store(3, 7, 100));
        Assert.Equal(1, table.RefusedTotal);
        Assert.Equal(0, table.PurgedTotal);
    }

    [Fact]
    public void A_loop_whose_clock_lags_takes_no_life_from_an_entry()
    {
        StickTable table = StickTables.Create(expireMs: 1000);
        table.Store(1, 7, 500);

        table.TryMatch(1, 490, out _);

        Assert.Equal(1000, table.Content(500)[1].RemainingMs);
    }

    [Fact]
    public void Sweeping_drops_as_many_expired_entries_as_it_is_allowed_to()
    {
        StickTable table = StickTables.Create(expireMs: 1000);
        for (int i = 1; i <= 10; i++)
        {
            table.Store((UInt128)i, 7, i);
        }

        Assert.Equal(0, table.Sweep(1000, 100));
        Assert.Equal(3, table.Sweep(1005, 3));
        Assert.Equal(2, table.Sweep(1005, 100));
        Assert.Equal(5, table.Used);
        Assert.Equal(5, table.Sweep(1L << 40, 100));
    }

    [Theory]
    [InlineData(1500)]
    [InlineData(3100)]
    [InlineData(1_000_003)]
    [InlineData(1L << 50)]
    public void Entries_that_nobody_swept_for_long_still_go_first(long later)
    {
        StickTable table = StickTables.Create(expireMs: 1000);
        for (int i = 1; i <= 5; i++)
        {
            table.Store((UInt128)i, 7, i * 77);
        }

        table.Store(9, 7, later);
        table.Merge(new StickUpdate(10, 7, RemainingMs: 2, new StickVersion(1, 1)), later);

        Assert.Equal(5, table.Sweep(later + 1, 100));
        Assert.Equal(2, table.Sweep(later + 1000, 100));
    }

    [Fact]
    public void Keys_are_removed_one_by_one_by_server_or_all()
    {
        StickTable table = StickTables.Create(size: 10_000);
        for (int i = 0; i < 5000; i++)
        {
            table.Store((UInt128)i, 1 + (i % 2), 0);
        }

        Assert.True(table.Remove(0, 0));
        Assert.False(table.Remove(0, 0));
        Assert.Equal(2499, table.RemoveWhere(1, 0));
        Assert.All(table.Content(0).Values, entry => Assert.Equal(2, entry.ServerId));
        Assert.Equal(2500, table.RemoveWhere(0, 0));
        Assert.Equal(0, table.Used);
        Assert.Equal(StoreOutcome.Added, table.Store(0, 1, 0));
    }

    [Fact]
    public void Matching_and_storing_do_not_allocate()
    {
        StickTable table = StickTables.Create(size: 64);
        UInt128 key = 0;

        Allocation.AssertNone(() =>
        {
            key++;
            table.Store(key, 1, (long)key);
            table.TryMatch(key - 1, (long)key, out _);
            table.Sweep((long)key, 2);
        });
    }

    [Fact]
    public void A_million_entries_take_less_than_eighty_bytes_each()
    {
        const int Million = 1_000_000;
        long before = GC.GetAllocatedBytesForCurrentThread();
        StickTable table = StickTables.Create(size: Million);

        for (int i = 0; i < Million; i++)
        {
            table.Store(((UInt128)0xFFFF << 32) | (uint)i, 1, i / 100);
        }

        // 64 bytes a slot and 4 for each of 1,048,576 heads.
        long perEntry = (GC.GetAllocatedBytesForCurrentThread() - before) / Million;
        Assert.InRange(perEntry, 64, 80);
        Assert.Equal(Million, table.Used);
        Assert.True(table.TryMatch(((UInt128)0xFFFF << 32) | 123_456, 10_000, out _));
        table.Store(0, 1, 10_000);
        Assert.False(table.TryMatch((UInt128)0xFFFF << 32, 10_000, out _));
        Assert.Equal(1, table.PurgedTotal);
    }

    [Fact]
    public void Many_threads_leave_a_table_whose_entries_can_all_be_found()
    {
        const int Threads = 4;
        StickTable table = StickTables.Create(size: 500, expireMs: 300);
        Thread[] threads = [.. Enumerable.Range(0, Threads).Select(seed => new Thread(() => Hammer(table, seed)))];

        foreach (Thread thread in threads)
        {
            thread.Start();
        }
        foreach (Thread thread in threads)
        {
            thread.Join();
        }

        Dictionary<UInt128, StickEntry> content = table.Content(0);
        Assert.Equal(table.Used, content.Count);
        Assert.All(content, pair => Assert.True(table.TryMatch(pair.Key, 0, out int server) && server == pair.Value.ServerId));
        Assert.Equal(content.Count, table.RemoveWhere(0, 0));
    }

    [Fact]
    public void Looking_at_an_entry_is_not_using_it()
    {
        StickTable table = StickTables.Create(expireMs: 1000);
        table.Store(1, 7, nowMs: 0);

        Assert.True(table.TryRead(1, 999, out StickEntry entry));

        Assert.Equal((7, 1L), (entry.ServerId, entry.RemainingMs));
        Assert.False(table.TryRead(1, 1000, out _));
        Assert.False(table.TryRead(2, 0, out _));
    }

    [Fact]
    public void Slices_hold_all_live_entries_once_and_cost_no_memory()
    {
        StickTable table = StickTables.Create(size: 100_000, expireMs: 1000);
        for (int key = 0; key < 100_000; key++)
        {
            table.Store((UInt128)key, 1, nowMs: key < 50_000 ? 0 : 500);
        }
        var slice = new StickEntry[128];
        var seen = new HashSet<UInt128>(50_000);
        long before = GC.GetAllocatedBytesForCurrentThread();

        int from = 0;
        bool more = true;
        while (more)
        {
            more = table.CopySlice(ref from, slice, nowMs: 1200, out int copied);
            for (int i = 0; i < copied; i++)
            {
                Assert.True(seen.Add(slice[i].Key));
            }
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4096);
        Assert.Equal(50_000, seen.Count);
        Assert.All(seen, key => Assert.True(key >= 50_000));
    }

    private static void Hammer(StickTable table, int seed)
    {
        Random random = new(seed);
        for (long now = 0; now < 20_000; now++)
        {
            UInt128 key = (UInt128)random.Next(900);
            switch (random.Next(5))
            {
                case 0:
                    table.TryMatch(key, now, out _);
                    break;
                case 1:
                    table.Remove(key, now);
                    break;
                case 2:
                    table.Sweep(now, 3);
                    break;
                default:
                    table.Store(key, 1 + random.Next(4), now);
                    break;
            }
        }
    }
}
