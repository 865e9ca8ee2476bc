using System;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using ExchangeLb.Linux.Calls;

namespace ExchangeLb.Linux.Frames;

/// <summary>struct sockaddr_ll (packet(7)).</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal struct LinkLayerAddress
{
    public ushort Family;
    public ushort ProtocolBigEndian;
    public int Index;
    public ushort HardwareType;
    public byte PacketType;
    public byte AddressLength;
    public ulong Address;
}

/// <summary>
/// Whole Ethernet frames of one device (packet(7), SOCK_RAW). Bound to one protocol it hears only what arrives, never what this host
/// sends; and it hears frames before nftables does. Owner: one thread.
/// </summary>
public sealed unsafe partial class PacketSocket : IDisposable
{
    /// <summary>struct virtio_net_hdr, in front of each frame where the socket was opened with it: what is still to be done to the frame (checksum, segmenting).</summary>
    public const int OffloadHeaderLength = 10;

    private const int AF_PACKET = 17;
    private const int SOCK_RAW = 3;
    private const int SOCK_NONBLOCK = 0x800;
    private const int SOCK_CLOEXEC = 0x80000;
    private const int SOL_SOCKET = 1;
    private const int SO_ATTACH_FILTER = 26;
    private const int SO_RCVBUFFORCE = 33;
    private const int SOL_PACKET = 263;
    private const int PACKET_VNET_HDR = 15;
    private const byte PACKET_OTHERHOST = 3;
    private const byte PACKET_OUTGOING = 4;

    private bool _disposed;

    private PacketSocket(int fd) => Fd = fd;

    public int Fd { get; }

    /// <summary>Hears the protocol on the device from the moment it has its filter.</summary>
    /// <param name="protocol">An EtherType.</param>
    /// <param name="offload">Frames are received and sent with a header of <see cref="OffloadHeaderLength"/> bytes, so that merged or unsummed ones can be sent on.</param>
    /// <returns>Null, with the reason: EPERM without CAP_NET_RAW, ENODEV without the device.</returns>
    public static PacketSocket? TryOpen(int link, ushort protocol, ReadOnlySpan<FilterInstruction> filter, bool offload, out SysResult result)
    {
        result = SysResult.Of(Libc.socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));   // protocol 0: hears nothing yet
        if (result.Failed)
        {
            return null;
        }
        PacketSocket socket = new(LowDescriptors.Move(result.Count));
        int one = 1;
        result = offload ? SysResult.Of(Libc.setsockopt(socket.Fd, SOL_PACKET, PACKET_VNET_HDR, &one, sizeof(int))) : SysResult.FromError(Errno.None);
        result = result.Failed ? result : socket.SetFilter(filter);
        result = result.Failed ? result : socket.Bind(link, protocol);
        if (result.Failed)
        {
            socket.Dispose();
            return null;
        }
        return socket;
    }

    public SysResult SetFilter(ReadOnlySpan<FilterInstruction> filter)
    {
        fixed (FilterInstruction* start = filter)
        {
            FilterProgram program = new() { Length = (ushort)filter.Length, Instructions = start };
            return SysResult.Of(Libc.setsockopt(Fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, (uint)sizeof(FilterProgram)));
        }
    }

    /// <summary>How many bytes of frames, with the kernel's own cost of each, may wait unread. Needs CAP_NET_ADMIN.</summary>
    public SysResult SetReceiveBuffer(int bytes) => SysResult.Of(Libc.setsockopt(Fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(int)));

    /// <summary>One frame. 0: one that was not for this host (promiscuous mode), or was cut off. EAGAIN: none waits. ENETDOWN once when the device goes down.</summary>
    public SysResult Receive(Span<byte> frame)
    {
        LinkLayerAddress from = default;
        uint length = (uint)sizeof(LinkLayerAddress);
        fixed (byte* start = frame)
        {
            nint received = recvfrom(Fd, start, (nuint)frame.Length, 0x20 /* MSG_TRUNC: says its whole length */, &from, &length);
            if (received < 0)
            {
                return SysResult.FromError((Errno)Marshal.GetLastPInvokeError());
            }
            bool foreign = from.PacketType is PACKET_OTHERHOST or PACKET_OUTGOING;
            return foreign || received > frame.Length ? SysResult.FromError(Errno.None) : SysResult.Of(received);
        }
    }

    /// <summary>Sends a whole frame. ENOBUFS: the fence's egress chain dropped it, or the device's queue is full; ENETDOWN: the device is down.</summary>
    public SysResult Send(ReadOnlySpan<byte> frame)
    {
        fixed (byte* start = frame)
        {
            nint sent = sendto(Fd, start, (nuint)frame.Length, 0, null, 0);
            return sent >= 0 ? SysResult.Of(sent) : SysResult.FromError((Errno)Marshal.GetLastPInvokeError());
        }
    }

    /// <summary>The kernel waits here until no processor looks at the socket: up to some 10 ms.</summary>
    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            LowDescriptors.Close(Fd);
        }
    }

    private SysResult Bind(int link, ushort protocol)
    {
        LinkLayerAddress address = new() { Family = AF_PACKET, ProtocolBigEndian = BinaryPrimitives.ReverseEndianness(protocol), Index = link };
        return SysResult.Of(Libc.bind(Fd, &address, (uint)sizeof(LinkLayerAddress)));
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint recvfrom(int fd, void* buffer, nuint length, int flags, void* address, uint* addressLength);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint sendto(int fd, void* buffer, nuint length, int flags, void* address, uint addressLength);
}
