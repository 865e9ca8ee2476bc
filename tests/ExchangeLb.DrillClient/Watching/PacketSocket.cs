using System;
using System.Buffers.Binary;
using System.ComponentModel;
using System.IO;
using System.Runtime.InteropServices;

namespace ExchangeLb.DrillClient.Watching;

/// <summary>A raw AF_PACKET socket on one device (packet(7)), which sees every frame that passes a bridge. Used by one thread.</summary>
internal sealed class PacketSocket : IDisposable
{
    private const int AF_PACKET = 17;
    private const int SOCK_RAW = 3;
    private const int SOCK_CLOEXEC = 0x80000;
    private const int ETH_P_ALL = 0x0003;
    private const int SOL_SOCKET = 1;
    private const int SO_RCVTIMEO = 20;
    private const int SO_RCVBUF = 8;
    private const int SO_ATTACH_FILTER = 26;
    private const int SOL_PACKET = 263;
    private const int PACKET_ADD_MEMBERSHIP = 1;
    private const int PACKET_MR_PROMISC = 1;
    private const int SIOCGSTAMPNS = 0x8907;
    private const int O_RDONLY = 0;
    private const int CLONE_NEWNET = 0x40000000;

    private readonly int _descriptor;
    private readonly byte[] _stamp = new byte[16];

    /// <exception cref="IOException">No such device, or not allowed.</exception>
    internal PacketSocket(string device, ReadOnlySpan<byte> filter, TimeSpan patience)
    {
        uint index = InterfaceIndex(device);
        Check(index == 0 ? -1 : 0, $"interface {device}");
        _descriptor = Check(OpenSocket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0), "socket");

        byte[] timeout = new byte[16];                                        // struct timeval
        BinaryPrimitives.WriteInt64LittleEndian(timeout.AsSpan(8), (long)patience.TotalMicroseconds);
        Check(SetOption(_descriptor, SOL_SOCKET, SO_RCVTIMEO, timeout, timeout.Length), "SO_RCVTIMEO");
        Check(SetOption(_descriptor, SOL_SOCKET, SO_RCVBUF, BitConverter.GetBytes(4 << 20), 4), "SO_RCVBUF");
        Attach(filter);

        byte[] membership = new byte[16];                                     // struct packet_mreq
        BinaryPrimitives.WriteInt32LittleEndian(membership, (int)index);
        BinaryPrimitives.WriteUInt16LittleEndian(membership.AsSpan(4), PACKET_MR_PROMISC);
        Check(SetOption(_descriptor, SOL_PACKET, PACKET_ADD_MEMBERSHIP, membership, membership.Length), "PACKET_ADD_MEMBERSHIP");

        byte[] address = new byte[20];                                        // struct sockaddr_ll
        BinaryPrimitives.WriteUInt16LittleEndian(address, AF_PACKET);
        BinaryPrimitives.WriteUInt16BigEndian(address.AsSpan(2), ETH_P_ALL);
        BinaryPrimitives.WriteInt32LittleEndian(address.AsSpan(4), (int)index);
        Check(BindTo(_descriptor, address, address.Length), "bind");
    }

    /// <summary>This thread sees the network of `ip netns add NAME` from now on (setns(2)).</summary>
    internal static void Enter(string networkNamespace)
    {
        int descriptor = Check(OpenFile($"/run/netns/{networkNamespace}", O_RDONLY), networkNamespace);
        Check(SetNamespace(descriptor, CLONE_NEWNET), "setns");
        _ = Close(descriptor);
    }

    /// <returns>Bytes of the frame that are in the buffer; 0: none came in time.</returns>
    internal int Receive(byte[] buffer) => (int)Math.Max(0, Receive(_descriptor, buffer, buffer.Length, 0));

    /// <summary>When the kernel took the frame that was received last, in seconds since 1970: this thread may be late, and frames then come in a bunch.</summary>
    internal decimal ReceivedAt()
    {
        byte[] stamp = _stamp;                                                // struct timespec
        Check(Control(_descriptor, SIOCGSTAMPNS, stamp), "SIOCGSTAMPNS");
        return BinaryPrimitives.ReadInt64LittleEndian(stamp) + (BinaryPrimitives.ReadInt64LittleEndian(stamp.AsSpan(8)) / 1_000_000_000m);
    }

    internal void Send(byte[] frame) => _ = Send(_descriptor, frame, frame.Length, 0);   // asked again in 20 ms

    public void Dispose() => _ = Close(_descriptor);

    /// <summary>A classic BPF program: eight bytes an instruction (linux/filter.h).</summary>
    private void Attach(ReadOnlySpan<byte> filter)
    {
        GCHandle pinned = GCHandle.Alloc(filter.ToArray(), GCHandleType.Pinned);
        try
        {
            byte[] program = new byte[16];                                    // struct sock_fprog
            BinaryPrimitives.WriteUInt16LittleEndian(program, (ushort)(filter.Length / 8));
            BinaryPrimitives.WriteInt64LittleEndian(program.AsSpan(8), pinned.AddrOfPinnedObject());
            Check(SetOption(_descriptor, SOL_SOCKET, SO_ATTACH_FILTER, program, program.Length), "SO_ATTACH_FILTER");
        }
        finally
        {
            pinned.Free();
        }
    }

    private static int Check(int result, string what) => result >= 0 ? result : throw new IOException($"{what}: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");

    [DllImport("libc", EntryPoint = "socket", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int OpenSocket(int domain, int type, int protocol);

    [DllImport("libc", EntryPoint = "bind", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int BindTo(int descriptor, byte[] address, int length);

    [DllImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetOption(int descriptor, int level, int name, byte[] value, int length);

    [DllImport("libc", EntryPoint = "recv", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern nint Receive(int descriptor, byte[] buffer, nint length, int flags);

    [DllImport("libc", EntryPoint = "send", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern nint Send(int descriptor, byte[] buffer, nint length, int flags);

    [DllImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Control(int descriptor, nint request, byte[] value);

    [DllImport("libc", EntryPoint = "if_nametoindex", SetLastError = true, CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern uint InterfaceIndex(string name);

    [DllImport("libc", EntryPoint = "open", SetLastError = true, CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int OpenFile(string path, int flags);

    [DllImport("libc", EntryPoint = "setns", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetNamespace(int descriptor, int kind);

    [DllImport("libc", EntryPoint = "close")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Close(int descriptor);
}
