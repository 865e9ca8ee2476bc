using System;
using System.Collections.Generic;
using System.Linq;
using ExchangeLb.Core.Stick;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Xunit;

namespace ExchangeLb.Core.Tests.Stick;

public sealed class StickMergeTests
{
    [Fact]
    public void The_sink_is_told_of_new_and_changed_entries_and_of_every_eighth_of_a_refreshed_life()
    {
        RecordingSink sink = new();
        StickTable table = StickTables.Create(expireMs: 800);
        table.Sink = sink;
        table.OwnerEpoch = 3;

        table.Store(1, 7, nowMs: 0);
        table.Store(1, 7, nowMs: 50);
        table.TryMatch(1, 99, out _);
        table.TryMatch(1, 100, out _);
        table.Store(1, 8, nowMs: 110);

        Assert.Equal(
            [
                new StickUpdate(1, 7, 800, new StickVersion(3, 1)),
                new StickUpdate(1, 7, 800, new StickVersion(3, 2)),
                new StickUpdate(1, 8, 800, new StickVersion(3, 3)),
            ],
            sink.Updates);
    }

    [Fact]
    public void Without_a_sink_refreshing_writes_no_versions()
    {
        StickTable table = StickTables.Create(expireMs: 800);
        table.Store(1, 7, 0);

        table.TryMatch(1, 700, out _);

        Assert.Equal(new StickVersion(0, 1), table.Content(700)[1].Version);
    }

    [Fact]
    public void A_later_write_wins_and_an_earlier_one_changes_nothing()
    {
        StickTable table = StickTables.Create();

        Assert.Equal(MergeOutcome.Added, table.Merge(Update(1, 7, 500, 2, 5), 0));
        Assert.Equal(MergeOutcome.Stale, table.Merge(Update(1, 8, 900, 2, 5), 0));
        Assert.Equal(MergeOutcome.Stale, table.Merge(Update(1, 8, 900, 1, 9), 0));
        Assert.Equal(MergeOutcome.Replaced, table.Merge(Update(1, 9, 300, 3, 1), 0));
        StickEntry entry = table.Content(0)[1];
        Assert.Equal((9, 300L), (entry.ServerId, entry.RemainingMs));
    }

    [Fact]
    public void A_new_owner_writes_versions_later_than_all_that_it_has_merged()
    {
        StickTable table = StickTables.Create();
        table.Merge(Update(1, 7, 500, epoch: 9, sequence: 41), 0);
        table.Merge(Update(2, 7, 500, epoch: 5, sequence: 99), 0);

        table.OwnerEpoch = 5;
        table.Store(1, 8, 0);
        table.Store(2, 8, 0);
        table.OwnerEpoch = 10;
        table.Store(3, 8, 0);

        Dictionary<UInt128, StickEntry> content = table.Content(0);
        Assert.Equal(new StickVersion(9, 42), content[1].Version);
        Assert.Equal(new StickVersion(5, 100), content[2].Version);
        Assert.Equal(new StickVersion(10, 101), content[3].Version);
    }

    [Fact]
    public void What_expired_on_the_way_or_names_no_server_is_refused()
    {
        StickTable table = StickTables.Create();

        Assert.Equal(MergeOutcome.Refused, table.Merge(Update(1, 7, 0, 1, 1), 0));
        Assert.Equal(MergeOutcome.Refused, table.Merge(Update(1, 0, 10, 1, 1), 0));
        Assert.Equal(0, table.Used);
    }

    [Fact]
    public void Nobody_gets_more_life_than_the_table_gives()
    {
        StickTable table = StickTables.Create(expireMs: 1000);

        table.Merge(Update(1, 7, long.MaxValue, 1, 1), 0);

        Assert.Equal(1000, table.Content(0)[1].RemainingMs);
    }

    [Fact]
    public void An_update_with_little_life_left_does_not_push_out_livelier_entries()
    {
        StickTable table = StickTables.Create(size: 2, expireMs: 1000);
        table.Store(1, 7, 0);
        table.Store(2, 7, 0);

        Assert.Equal(MergeOutcome.Refused, table.Merge(Update(3, 7, 500, 1, 1), 0));
        Assert.Equal(MergeOutcome.Added, table.Merge(Update(4, 7, 1000, 1, 2), 5));
        Assert.Equal([2, 4], table.Content(5).Keys.Select(key => (int)key).Order());
    }

    /// <summary>Each key ends with its latest write, in whatever order and how often the writes arrive.</summary>
    [Property]
    public bool Two_nodes_that_hear_the_same_writes_agree(byte[] writes, int shuffle)
    {
        StickUpdate[] updates =
            [.. writes.Select((write, i) => Update((UInt128)(write % 7), 1 + (write / 7), 1000 + i, (uint)(write % 3), (ulong)i + 1))];
        StickTable one = StickTables.Create();
        StickTable other = StickTables.Create(seed: 99);
        Random random = new(shuffle);
        foreach (StickUpdate update in updates)
        {
            one.Merge(update, 0);
        }
        foreach (StickUpdate update in updates.Concat(updates).OrderBy(_ => random.Next()))
        {
            other.Merge(update, 0);
        }

        Dictionary<UInt128, StickEntry> latest = updates.GroupBy(update => update.Key).ToDictionary(
            group => group.Key,
            group => group.OrderBy(update => update.Version).Select(u => new StickEntry(u.Key, u.ServerId, u.RemainingMs, u.Version)).Last());
        return Same(latest, one.Content(0)) && Same(latest, other.Content(0));
    }

    /// <summary>Peers' updates have any remaining time; whatever the clock does, order is kept to a thousandth of the table's life.</summary>
    [Property(EndSize = 400)]
    public Property Entries_go_in_the_order_of_expiry_exact_to_one_span(ushort[] calls, bool longJumps)
    {
        const int LifeMs = 5000;
        const int SpanMs = (LifeMs / 1022) + 1;
        const int Size = 40;
        StickTable table = StickTables.Create(Size, LifeMs);
        long now = 0;

        for (int i = 0; i < calls.Length; i++)
        {
            now += longJumps && calls[i] % 50 == 0 ? calls[i] * 1000L : calls[i] % 9;
            table.Sweep(now, calls[i] % 3);
            Dictionary<UInt128, StickEntry> before = table.Content(now);
            table.Merge(Update(calls[i], 1, 1 + (calls[i] % LifeMs), 1, (ulong)i + 1), now);
            Dictionary<UInt128, StickEntry> after = table.Content(now);

            StickEntry[] gone = [.. before.Values.Where(entry => !after.ContainsKey(entry.Key))];
            bool inOrder = gone.Length == 0 || gone[0].RemainingMs <= before.Values.Min(entry => entry.RemainingMs) + SpanMs;
            if (gone.Length > 1 || (gone.Length == 1 && before.Count < Size) || !inOrder)
            {
                return false.Label($"call {i}: {gone.Length} went, first {gone.FirstOrDefault()}");
            }
        }
        table.Sweep(now, int.MaxValue);
        bool keptLive = table.Content(now).Count <= table.Used;
        table.Sweep(now + SpanMs, int.MaxValue);
        bool sweptExpired = table.Used <= table.Content(now).Count;
        table.Sweep(now + LifeMs + SpanMs, int.MaxValue);
        return (keptLive && sweptExpired && table.Used == 0).Label($"{keptLive} {sweptExpired} {table.Used} left");
    }

    private static StickUpdate Update(UInt128 key, int server, long remainingMs, uint epoch, ulong sequence) =>
        new(key, server, remainingMs, new StickVersion(epoch, sequence));

    private static bool Same(Dictionary<UInt128, StickEntry> left, Dictionary<UInt128, StickEntry> right) =>
        left.Count == right.Count && left.All(pair => right.TryGetValue(pair.Key, out StickEntry entry) && entry == pair.Value);
}
