using System.Net;
using ExchangeLb.Core.Runtime;
using ExchangeLb.Linux.Sockets;
using ExchangeLb.Proxy.Recording;
using Xunit;

namespace ExchangeLb.Proxy.Tests.Recording;

/// <summary>What is taken to be reset; how it is reset needs a network.</summary>
public sealed class LostSessionsTests
{
    private static readonly IPAddress Vip = IPAddress.Parse("192.0.2.1"), Other = IPAddress.Parse("192.0.2.2");

    [Fact]
    public void Sessions_of_another_address_are_left_and_after_the_end_nothing_is_taken()
    {
        LostSessions lost = new(Vip, null!);
        Assert.True(lost.TryAdd(Records(Other)));

        Assert.Equal(default(LostSessionsDone), lost.Run(link: 0));

        Assert.False(lost.TryAdd(Records(Vip)));
    }

    [Fact]
    public void When_the_address_is_lost_nobody_is_asked_and_nothing_is_taken()
    {
        LostSessions lost = new(Vip, null!);
        Assert.True(lost.TryAdd(Records(Vip)));

        lost.CallOff();

        Assert.Equal(default(LostSessionsDone), lost.Run(link: 0));
        Assert.False(lost.TryAdd(Records(Vip)));
    }

    private static byte[] Records(IPAddress address)
    {
        byte[] told = [];
        SockAddress local = SockAddress.From(new IPEndPoint(address, 443)), client = SockAddress.From(new IPEndPoint(IPAddress.Parse("192.0.2.9"), 50_000));
        RecordBatch batch = new(local.Mapped, incarnation: 0, records => told = records.ToArray());
        batch.Opening(1, new ConnectionEnds(local, client));
        batch.Tell();
        return told;
    }
}
