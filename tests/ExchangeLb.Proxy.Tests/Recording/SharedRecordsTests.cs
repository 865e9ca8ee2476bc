using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Threading;
using ExchangeLb.Linux.Sockets;
using ExchangeLb.Proxy.Recording;
using Xunit;

namespace ExchangeLb.Proxy.Tests.Recording;

public sealed class SharedRecordsTests
{
    private static readonly UInt128 Vip = SockAddress.From(new IPEndPoint(IPAddress.Parse("192.168.200.25"), 0)).Mapped;
    private readonly List<ulong> _told = [];

    [Fact]
    public void Of_several_threads_all_is_told_once_and_in_the_order_of_each()
    {
        const int Threads = 3;
        const uint Each = 20_000;
        int inside = 0;
        SharedRecords records = new(Vip, 1, bytes =>
        {
            Assert.Equal(1, Interlocked.Increment(ref inside));      // one at a time
            Take(bytes);
            Interlocked.Decrement(ref inside);
        });
        Thread[] threads = [.. Enumerable.Range(0, Threads).Select(number => new Thread(() =>
        {
            for (ulong i = 0; i < Each; i++)
            {
                records.Ended(((ulong)number << 32) | i, tellByMs: 0);
                if (i % 50 == 0) { records.Tell(nowMs: 0); }
            }
            records.Tell(nowMs: 0);
        }))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());

        Assert.Equal(long.MaxValue, records.TellByMs);
        foreach (IGrouping<ulong, ulong> ofOne in _told.GroupBy(session => session >> 32))
        {
            Assert.Equal(Enumerable.Range(0, (int)Each).Select(i => (ulong)i), ofOne.Select(session => session & uint.MaxValue));
        }
        Assert.Equal(Threads * (int)Each, _told.Count);
    }

    [Fact]
    public void What_has_filled_a_message_does_not_wait_for_its_time()
    {
        SharedRecords records = new(Vip, 1, Take);
        ulong session = 0;
        do
        {
            Assert.True(session < 1_000_000);
            records.Ended(session++, tellByMs: 1000);
        }
        while (records.TellByMs == 1000);

        records.Tell(nowMs: 0);

        Assert.Equal(session, (ulong)_told.Count);
        Assert.Equal(long.MaxValue, records.TellByMs);
    }

    [Fact]
    public void A_session_comes_alone_when_none_has_come_to_any_loop_for_a_tenth_of_a_second()
    {
        SharedRecords records = new(Vip, 1, Take);
        Assert.True(records.CameAlone(1000));
        Assert.False(records.CameAlone(1050));
        Assert.False(records.CameAlone(1149));
        Assert.True(records.CameAlone(1249));
    }

    private void Take(ReadOnlySpan<byte> bytes)
    {
        RecordReader reader = new(bytes);
        while (reader.TryNext(out SessionRecord record)) { _told.Add(record.Session); }
    }
}
