using System.Net;
using System.Net.Sockets;
using ExchangeLb.Linux.Frames;
using ExchangeLb.Linux.Polling;

namespace ExchangeLb.Proxy.Recording;

/// <summary>What clients and servers answer, as it comes in: the heads of all segments to an address, of which no socket tells.</summary>
internal static class HeadsListener
{
    /// <summary>Of some 10,000 answers, with the kernel's own cost of each.</summary>
    private const int ReceiveBufferBytes = 8 * 1024 * 1024;

    /// <param name="link">Index of the device, or 0.</param>
    /// <param name="epoll">Tells of it from then on.</param>
    /// <returns>Null: nothing is heard, and so nothing can be judged.</returns>
    internal static PacketSocket? TryOpen(IPAddress address, int link, EpollSet epoll)
    {
        ushort protocol = address.AddressFamily == AddressFamily.InterNetwork ? TcpSegment.EtherTypeV4 : TcpSegment.EtherTypeV6;
        PacketSocket? listener = PacketSocket.TryOpen(link, protocol, FrameFilter.TcpHeadsTo(address), offload: false, out _);
        listener?.SetReceiveBuffer(ReceiveBufferBytes);
        if (listener is not null)
        {
            epoll.Add(listener.Fd, EpollBits.EPOLLIN, 0);
        }
        return listener;
    }
}
