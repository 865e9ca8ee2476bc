using System.Net;
using ExchangeLb.Core.Model;
using ExchangeLb.Linux.Sockets;
using ExchangeLb.Proxy.HandOver;
using Xunit;

namespace ExchangeLb.Proxy.Tests.HandOver;

public class BufferBoundsTests
{
    private static readonly ServerSideOptions Cluster = new([new MovingAddress(IPAddress.Parse("192.0.2.25"), 24)], PortRange.Of(0, 2));

    [Fact]
    public void Where_no_session_moves_only_what_is_said_is_bounded()
    {
        Assert.Equal(new BufferBounds(default, default), BufferBounds.Of(new GlobalModel(), ServerSideOptions.None));
        Assert.Equal(
            new BufferBounds(new SocketBuffers(1, 2, 3), new SocketBuffers(0, 0, 4)),
            BufferBounds.Of(new GlobalModel { ClientBuffers = new(1, 2, 3), ServerBuffers = new(NotSent: 4) }, ServerSideOptions.None));
    }

    [Fact]
    public void Where_sessions_move_what_is_said_goes_before_what_is_usual_there()
    {
        Assert.Equal(
            new BufferBounds(new SocketBuffers(0, 0, BufferBounds.MovingClientNotSent), new SocketBuffers(BufferBounds.MovingServerReceive, 0, BufferBounds.MovingServerNotSent)),
            BufferBounds.Of(new GlobalModel(), Cluster));
        Assert.Equal(
            new BufferBounds(default, new SocketBuffers(5, 0, BufferBounds.MovingServerNotSent)),
            BufferBounds.Of(new GlobalModel { ClientBuffers = new(NotSent: 0), ServerBuffers = new(Receive: 5) }, Cluster));
    }
}
