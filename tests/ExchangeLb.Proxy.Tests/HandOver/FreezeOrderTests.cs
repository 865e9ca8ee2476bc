using System.Net;
using ExchangeLb.Core.Runtime;
using ExchangeLb.Proxy.HandOver;
using Xunit;

namespace ExchangeLb.Proxy.Tests.HandOver;

public sealed class FreezeOrderTests
{
    private readonly FreezeOrder _order = new(IPAddress.Parse("192.0.2.25"), loops: 1, told: null, waiting: true, (_, _) => { }, _ => { });

    [Fact]
    public void One_that_is_too_large_is_left_and_takes_no_room()
    {
        Assert.False(_order.TakesRoom(IMovableSessions.SessionBytesMax + 1L));
        Fill();

        Assert.Equal((1, true), (Done().Left, Done().AreTooLarge));
    }

    [Fact]
    public void What_is_beyond_all_room_is_left_and_a_smaller_one_still_goes()
    {
        Fill();

        Assert.False(_order.TakesRoom(IMovableSessions.SessionBytesMax));
        Assert.True(_order.TakesRoom(0));
        Assert.Equal((1, true), (Done().Left, Done().AreTooLarge));
    }

    [Fact]
    public void Room_that_was_not_needed_is_anothers()
    {
        Fill();
        _order.GiveRoomBack(IMovableSessions.SessionBytesMax);

        Assert.True(_order.TakesRoom(IMovableSessions.SessionBytesMax));
        Assert.Equal((0, false), (Done().Left, Done().AreTooLarge));
    }

    private void Fill()
    {
        long left = IMovableSessions.BytesMax;
        for (; left >= IMovableSessions.SessionBytesMax; left -= IMovableSessions.SessionBytesMax) { Assert.True(_order.TakesRoom(IMovableSessions.SessionBytesMax)); }
        Assert.True(_order.TakesRoom(left));
    }

    private FrozenSessions Done()
    {
        _order.LoopIsThrough();
        return _order.Done.Result;
    }
}
