using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ExchangeLb.Linux.Corosync;

/// <summary>Hears the quorum's verdicts from the local Corosync. All of it belongs to one thread with more than 1 MiB of stack.</summary>
public sealed unsafe class QuorumConnection : IDisposable
{
    private const int CS_DISPATCH_ONE_NONBLOCKING = 4;

    // CS_TRACK_CURRENT: the present verdict at once; CS_TRACK_CHANGES: all later ones.
    private const uint TrackFlags = 1 | 2;

    private readonly ulong _handle;
    private bool _open = true;

    private QuorumConnection(ulong handle, int fd)
    {
        _handle = handle;
        Fd = fd;
    }

    /// <summary>Readable when <see cref="Dispatch"/> has something to do.</summary>
    public int Fd { get; }

    /// <summary>Connects to the Corosync of the calling thread's network namespace; verdicts come from then on, the present one first.</summary>
    /// <exception cref="DllNotFoundException"><see cref="CorosyncLibraries.Missing()"/> says what to install.</exception>
    public static CorosyncError Open(out QuorumConnection? connection)
    {
        connection = null;
        QuorumModelData data = new() { Model = QuorumModelData.QUORUM_MODEL_V1, Quorum = &Decide };
        ulong handle;
        uint type;
        CorosyncError error = Libquorum.quorum_model_initialize(&handle, QuorumModelData.QUORUM_MODEL_V1, &data, &type, null);
        if (error != CorosyncError.CS_OK) { return error; }
        int fd;
        error = Libquorum.quorum_fd_get(handle, &fd);
        if (error == CorosyncError.CS_OK) { error = Libquorum.quorum_trackstart(handle, TrackFlags); }
        if (error != CorosyncError.CS_OK)
        {
            _ = Libquorum.quorum_finalize(handle);
            return error;
        }
        connection = new QuorumConnection(handle, fd);
        return error;
    }

    /// <summary>Hands all that has come to the listener. CS_ERR_TRY_AGAIN: that was all; others than CS_OK: it is dead.</summary>
    public CorosyncError Dispatch(IQuorumListener listener, int eventsMax)
    {
        CorosyncError error = CorosyncError.CS_OK;
        DispatchedListener<IQuorumListener>.Enter(listener);
        for (int count = 0; count < eventsMax && error == CorosyncError.CS_OK && !DispatchedListener<IQuorumListener>.HasFailed; count++)
        {
            error = Libquorum.quorum_dispatch(_handle, CS_DISPATCH_ONE_NONBLOCKING);
        }
        DispatchedListener<IQuorumListener>.Leave();
        return error;
    }

    public void Dispose()
    {
        if (!_open) { return; }
        _open = false;
        _ = Libquorum.quorum_finalize(_handle);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Decide(ulong handle, uint quorate, RingId ring, uint count, uint* nodes)
    {
        try
        {
            DispatchedListener<IQuorumListener>.Listener?.QuorumDecided(ring, quorate != 0);
        }
#pragma warning disable CA1031 // Nothing may be thrown into the library's frames; it is thrown again behind the dispatch call.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            DispatchedListener<IQuorumListener>.Fail(failure);
        }
    }
}
