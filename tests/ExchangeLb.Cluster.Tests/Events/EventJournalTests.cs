using System;
using System.Collections.Generic;
using System.Linq;
using ExchangeLb.Cluster.Events;
using ExchangeLb.Core.Runtime;
using Xunit;

namespace ExchangeLb.Cluster.Tests.Events;

public sealed class EventJournalTests
{
    [Fact]
    public void The_newest_event_is_the_last()
    {
        List<ClusterEvent> told = [];
        EventJournal journal = new(new StoppedClock(), told.Add);

        journal.Write("owner", "lb1 owns 192.168.200.25");
        journal.Write("view", "lb2 has left");

        Assert.Equal(["owner", "view"], journal.Copy().Select(happened => happened.Kind));
        Assert.Equal(DateTimeOffset.UnixEpoch, journal.Copy()[0].Unix);
        Assert.Equal(told, journal.Copy());
    }

    [Fact]
    public void The_oldest_events_make_room()
    {
        EventJournal journal = new(new StoppedClock());
        for (int i = 0; i <= EventJournal.Capacity; i++)
        {
            journal.Write("note", $"{i}");
        }

        Assert.Equal(EventJournal.Capacity, journal.Copy().Length);
        Assert.Equal("1", journal.Copy()[0].Text);
    }

    private sealed class StoppedClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch;
    }
}
