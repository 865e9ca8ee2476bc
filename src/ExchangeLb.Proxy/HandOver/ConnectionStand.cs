using ExchangeLb.Linux.Calls;
using ExchangeLb.Linux.Repair;
using ExchangeLb.Linux.Sockets;

namespace ExchangeLb.Proxy.HandOver;

/// <summary>Where a connection stood of which this node has no socket: enough to reset it.</summary>
/// <param name="SendNext">What the other side expects next, if it has got all that was sent.</param>
/// <param name="ReceiveNext">What it sends next.</param>
internal readonly record struct ConnectionStand(SockAddress Local, SockAddress Remote, uint SendNext, uint ReceiveNext)
{
    public static ConnectionStand Of(TcpImage image) => new(
        image.Local, image.Remote, unchecked(image.SendUnacked + (uint)image.Unacked.Length + (image.Has(TcpTraits.EndSent) ? 1u : 0)), image.ReceiveNext);

    /// <summary>Packets of the address must pass. Who has not got all answers where he stands, and that is answered by the kernel's own reset.</summary>
    public SysResult Reset() => TcpReset.Exactly(Local, Remote, SendNext, ReceiveNext);
}
