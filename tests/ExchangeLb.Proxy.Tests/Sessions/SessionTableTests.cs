using System;
using System.Collections.Generic;
using System.Linq;
using ExchangeLb.Proxy.Loops;
using ExchangeLb.Proxy.Sessions;
using FsCheck.Xunit;
using Xunit;

namespace ExchangeLb.Proxy.Tests.Sessions;

public sealed class SessionTableTests
{
    [Property(MaxTest = 50)]
    public void Keys_find_the_living_and_never_the_next_one_in_the_slot(int seed)
    {
        var random = new Random(seed);
        var table = new SessionTable();
        var living = new List<(Session Session, uint Generation)>();
        var gone = new List<(int Index, uint Generation)>();
        for (int step = 0; step < 2000; step++)
        {
            if (living.Count == 0 || random.Next(100) < 55)
            {
                Session session = table.Take();
                session.Stage = SessionStage.Connecting;
                living.Add((session, session.Generation));
            }
            else
            {
                int at = random.Next(living.Count);
                (Session session, uint generation) = living[at];
                living.RemoveAt(at);
                gone.Add((session.Index, generation));
                table.Free(session);
            }
        }
        Assert.Equal(living.Count, table.Count);
        Assert.All(living, one => Assert.Same(one.Session, table.Find(one.Session.Index, one.Generation)));
        Assert.All(gone, one => Assert.Null(table.Find(one.Index, one.Generation)));
        Assert.Equal(living.Count, Enumerable.Range(0, table.HighWater).Count(index => table.At(index) is not null));
    }

    [Fact]
    public void What_is_not_a_slot_is_not_found()
    {
        var table = new SessionTable();
        Assert.Null(table.Find(0, 1));
        Assert.Null(table.Find(-1, 1));
        Assert.Null(table.Find(int.MaxValue, 1));
    }

    [Fact]
    public void Generations_stay_within_what_a_key_can_hold()
    {
        var table = new SessionTable();
        Session session = table.Take();
        session.Generation = EventKey.GenerationMask;
        session.Stage = SessionStage.Connecting;
        table.Free(session);
        Assert.Equal(0u, session.Generation);
    }
}
