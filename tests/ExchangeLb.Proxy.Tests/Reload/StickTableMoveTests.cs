using System;
using System.Collections.Frozen;
using System.Collections.Generic;
using System.Linq;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Stick;
using ExchangeLb.Proxy.Reload;
using Xunit;

namespace ExchangeLb.Proxy.Tests.Reload;

public sealed class StickTableMoveTests
{
    private static readonly long NowMs = Environment.TickCount64;

    [Fact]
    public void Entries_follow_the_ids_of_their_servers_and_those_of_a_lost_one_stay_behind()
    {
        StickTable from = Table(100);
        StickTable to = Table(100);
        from.Store(1, 1, NowMs);
        from.Store(2, 2, NowMs);
        from.Store(3, 3, NowMs);
        from.Store(4, 4, NowMs);

        Move(from, to, (1, 0), (2, 1), (3, 2)).Copy();

        Assert.Equal([(2, 1), (3, 2), (4, 4)], Content(to));
    }

    [Fact]
    public void What_the_new_table_has_learned_meanwhile_stays_and_what_the_old_one_still_learned_is_brought_over()
    {
        StickTable from = Table(5000);
        StickTable to = Table(5000);
        for (int key = 1; key <= 3000; key++)
        {
            from.Store((UInt128)key, 1, NowMs);
        }
        StickTableMove move = Move(from, to);
        to.Succeed(from);
        move.Copy();
        to.Store(7, 9, NowMs);
        from.Store(8, 5, NowMs);
        from.Store(4000, 6, NowMs);

        move.Copy();

        Dictionary<int, int> content = Content(to).ToDictionary(entry => entry.Key, entry => entry.Server);
        Assert.Equal(3001, content.Count);
        Assert.Equal((9, 5, 6, 1), (content[7], content[8], content[4000], content[1]));
    }

    [Fact]
    public void A_smaller_table_takes_as_many_as_it_holds()
    {
        StickTable from = Table(100);
        StickTable to = Table(10);
        for (int key = 1; key <= 100; key++)
        {
            from.Store((UInt128)key, 1, NowMs);
        }
        Move(from, to).Copy();
        Assert.Equal(10, Content(to).Count);
    }

    private static StickTable Table(int size) => new(new StickTableModel("web", StickKeyKind.IPv6, size, TimeSpan.FromHours(1), false, default), 1);

    private static StickTableMove Move(StickTable from, StickTable to, params (int Old, int New)[] ids) =>
        new(from, to, ids.ToFrozenDictionary(id => id.Old, id => id.New));

    private static List<(int Key, int Server)> Content(StickTable table)
    {
        var entries = new List<StickEntry>();
        table.CopyTo(entries, NowMs);
        return [.. entries.Select(entry => ((int)entry.Key, entry.ServerId)).Order()];
    }
}
