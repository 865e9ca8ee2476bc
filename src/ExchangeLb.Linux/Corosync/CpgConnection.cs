using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ExchangeLb.Linux.Calls;
using ExchangeLb.Linux.Datagrams;

namespace ExchangeLb.Linux.Corosync;

/// <summary>
/// One connection to the local Corosync, in one group. Everything but <see cref="Send"/> belongs to one thread, and may wait for Corosync
/// as long as that is stopped. That thread needs more than 1 MiB of stack: cpg_dispatch copies what it reads onto it.
/// </summary>
public sealed unsafe partial class CpgConnection : IDisposable
{
    private const int CS_DISPATCH_ONE_NONBLOCKING = 4;
    private const nuint TIOCOUTQ = 0x5411;
    private const int SOL_SOCKET = 1;
    private const int SO_SNDBUF = 7;

    // cpg_mcast_joined from two threads at once reports success and loses messages (measured: 36 of 10,000).
    // The lease thread waits here for whoever sends a table.
    private readonly InheritingLock _sending = new();
    private readonly ulong _handle;
    private readonly int _wakeUpBytesMax;
    private bool _open = true;

    private CpgConnection(ulong handle, int fd, uint localNode)
    {
        _handle = handle;
        Fd = fd;
        LocalNode = localNode;
        int buffer = 0;
        uint length = sizeof(int);
        _wakeUpBytesMax = Libc.getsockopt(fd, SOL_SOCKET, SO_SNDBUF, &buffer, &length) == 0 ? buffer : 0;
    }

    /// <summary>Readable when <see cref="Dispatch"/> has something to do.</summary>
    public int Fd { get; }

    /// <summary>The node id that Corosync runs under.</summary>
    public uint LocalNode { get; }

    /// <summary>Connects to the Corosync of the calling thread's network namespace. CS_ERR_LIBRARY or CS_ERR_TRY_AGAIN: not there, or not ready.</summary>
    /// <exception cref="DllNotFoundException"><see cref="CorosyncLibraries.Missing()"/> says what to install.</exception>
    public static CorosyncError Open(out CpgConnection? connection)
    {
        connection = null;
        CpgModelData data = new()
        {
            Model = CpgModelData.CPG_MODEL_V1,
            Deliver = &Deliver,
            ConfigurationChange = &ChangeConfiguration,
            TotemConfigurationChange = &ChangeRing,
            Flags = CpgModelData.CPG_MODEL_V1_DELIVER_INITIAL_TOTEM_CONF,
        };
        ulong handle;
        CorosyncError error = Libcpg.cpg_model_initialize(&handle, CpgModelData.CPG_MODEL_V1, &data, null);
        if (error != CorosyncError.CS_OK) { return error; }
        int fd;
        uint node = 0;
        error = Libcpg.cpg_fd_get(handle, &fd);
        if (error == CorosyncError.CS_OK) { error = Libcpg.cpg_local_get(handle, &node); }
        if (error != CorosyncError.CS_OK)
        {
            _ = Libcpg.cpg_finalize(handle);
            return error;
        }
        connection = new CpgConnection(handle, fd, node);
        return error;
    }

    /// <summary>Asks to join; it is done when the listener hears of members with this process among them.</summary>
    /// <exception cref="ArgumentException">The name has more than 128 bytes.</exception>
    public CorosyncError Join(string group)
    {
        CpgName name = CpgName.Of(group);
        return Libcpg.cpg_join(_handle, &name);
    }

    public CorosyncError Leave(string group)
    {
        CpgName name = CpgName.Of(group);
        return Libcpg.cpg_leave(_handle, &name);
    }

    /// <summary>
    /// Sends to the group. Any thread; never waits longer than for another sender's copying. CS_ERR_TRY_AGAIN: the queue to Corosync is full.
    /// </summary>
    public CorosyncError Send(ReadOnlySpan<byte> message)
    {
        using (_sending.Enter())
        {
            if (!_open) { return CorosyncError.CS_ERR_BAD_HANDLE; }
            if (!CanWake()) { return CorosyncError.CS_ERR_TRY_AGAIN; }
            fixed (byte* start = message)
            {
                IoVector vector = new() { Start = start, Length = (nuint)message.Length };
                return Libcpg.cpg_mcast_joined(_handle, Libcpg.CPG_TYPE_AGREED, &vector, 1);
            }
        }
    }

    /// <summary>Hands at most <paramref name="eventsMax"/> events to the listener. CS_ERR_TRY_AGAIN: that was all; others than CS_OK: it is dead.</summary>
    public CorosyncError Dispatch(ICpgListener listener, int eventsMax)
    {
        CorosyncError error = CorosyncError.CS_OK;
        DispatchedListener<ICpgListener>.Enter(listener);
        for (int count = 0; count < eventsMax && error == CorosyncError.CS_OK && !DispatchedListener<ICpgListener>.HasFailed; count++)
        {
            error = Libcpg.cpg_dispatch(_handle, CS_DISPATCH_ONE_NONBLOCKING);
        }
        DispatchedListener<ICpgListener>.Leave();
        return error;
    }

    /// <summary>Ends the connection without leaving the group first: the others are told that the process is gone. By the owning thread.</summary>
    public void Dispose()
    {
        using (_sending.Enter())
        {
            if (!_open) { return; }
            _open = false;
        }
        _ = Libcpg.cpg_finalize(_handle);
    }

    /// <summary>
    /// Behind each message in shared memory libqb writes one byte to the socket, to wake Corosync, and tries again for ever while the socket
    /// is full (libqb 2.0, qb_ipcc_sendv; seen: a core spins while Corosync is stopped). unix(7) sockets take a write while what is
    /// queued is less than the send buffer; nobody else writes here.
    /// </summary>
    private bool CanWake()
    {
        int queued = 0;
        return ioctl(Fd, TIOCOUTQ, &queued) == 0 && queued < _wakeUpBytesMax;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Deliver(ulong handle, CpgName* group, uint node, uint pid, byte* message, nuint length)
    {
        try
        {
            DispatchedListener<ICpgListener>.Listener?.Delivered(node, pid, new ReadOnlySpan<byte>(message, checked((int)length)));
        }
#pragma warning disable CA1031 // Nothing may be thrown into the library's frames; it is thrown again behind the dispatch call.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            DispatchedListener<ICpgListener>.Fail(failure);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void ChangeConfiguration(
        ulong handle, CpgName* group, CpgAddress* members, nuint memberCount, CpgAddress* left, nuint leftCount, CpgAddress* joined, nuint joinedCount)
    {
        try
        {
            DispatchedListener<ICpgListener>.Listener?.MembersChanged(
                new ReadOnlySpan<CpgAddress>(members, (int)memberCount),
                new ReadOnlySpan<CpgAddress>(left, (int)leftCount),
                new ReadOnlySpan<CpgAddress>(joined, (int)joinedCount));
        }
#pragma warning disable CA1031
        catch (Exception failure)
#pragma warning restore CA1031
        {
            DispatchedListener<ICpgListener>.Fail(failure);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void ChangeRing(ulong handle, RingId ring, uint count, uint* nodes)
    {
        try
        {
            DispatchedListener<ICpgListener>.Listener?.RingChanged(ring, new ReadOnlySpan<uint>(nodes, (int)count));
        }
#pragma warning disable CA1031
        catch (Exception failure)
#pragma warning restore CA1031
        {
            DispatchedListener<ICpgListener>.Fail(failure);
        }
    }

    [LibraryImport("libc"), SuppressGCTransition]
    private static partial int ioctl(int fd, nuint request, void* argument);
}
