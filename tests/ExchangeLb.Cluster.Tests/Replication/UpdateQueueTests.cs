using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using ExchangeLb.Cluster.Replication.Outgoing;
using ExchangeLb.Core.Stick;
using Xunit;

namespace ExchangeLb.Cluster.Tests.Replication;

public sealed class UpdateQueueTests
{
    [Fact]
    public void What_several_threads_add_comes_out_once_and_in_the_order_of_each()
    {
        const int Threads = 4;
        const int Each = 20_000;
        UpdateRing ring = new(64);
        Thread[] writers = [.. Enumerable.Range(0, Threads).Select(writer => new Thread(() =>
        {
            for (int i = 0; i < Each; i++)
            {
                while (!ring.TryAdd(new QueuedUpdate(writer, Update((UInt128)i))))
                {
                    Thread.Yield();
                }
            }
        }))];
        Array.ForEach(writers, writer => writer.Start());

        int[] next = new int[Threads];
        while (next.Sum() < Threads * Each)
        {
            if (ring.TryTake(out QueuedUpdate update))
            {
                Assert.Equal((UInt128)next[update.Table]++, update.Update.Key);
            }
        }

        Array.ForEach(writers, writer => writer.Join());
        Assert.False(ring.TryTake(out _));
    }

    [Fact]
    public void A_full_queue_refuses_counts_and_remembers_that_something_was_lost()
    {
        UpdateQueue queue = new(4, null) { Discarding = false };

        for (int i = 0; i < 6; i++)
        {
            queue.Add(0, Update((UInt128)i));
        }

        Assert.Equal((4, 2L), (queue.Count, queue.DroppedTotal));
        Assert.True(queue.TakeLost());
        Assert.False(queue.TakeLost());
    }

    [Fact]
    public void A_parked_reader_is_woken_once_by_the_first_update()
    {
        int woken = 0;
        UpdateQueue queue = new(16, () => woken++) { Discarding = false };

        queue.Add(0, Update(1));
        Assert.False(queue.Park());
        Assert.True(queue.TryTake(out _));
        Assert.True(queue.Park());
        queue.Add(0, Update(2));
        queue.Add(0, Update(3));

        Assert.Equal(1, woken);
    }

    [Fact]
    public void Of_one_key_the_latest_version_sorts_last()
    {
        List<QueuedUpdate> updates = [new(1, Update(5, 2)), new(0, Update(9, 1)), new(1, Update(5, 1)), new(0, Update(UInt128.MaxValue, 1))];

        updates.Sort(default(QueuedUpdate.ByEntry));

        Assert.Equal(
            [(0, (UInt128)9, 1ul), (0, UInt128.MaxValue, 1ul), (1, 5, 1ul), (1, 5, 2ul)],
            updates.Select(update => (update.Table, update.Update.Key, update.Update.Version.Sequence)));
    }

    private static StickUpdate Update(UInt128 key, ulong sequence = 1) => new(key, 1, 1000, new StickVersion(1, sequence, 1));
}
