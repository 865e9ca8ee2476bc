using System;
using ExchangeLb.Linux.Corosync;

namespace ExchangeLb.Cluster.Engine.Corosync;

/// <summary>
/// The group in which guards speak: a guard outlives the balancer that it watches, so it is no member of that one's group. Members of
/// either kind are in it, only guards send.
/// </summary>
internal sealed class GuardGroup(CorosyncOptions options, GuardGroup.Heard heard) : ICpgListener
{
    private readonly string _group = GroupName.OfGuards(options.Model.Name);
    private readonly LocalCorosync _local = new(options);
    private CpgConnection? _cpg;

    internal delegate void Heard(uint node, ReadOnlySpan<byte> message);

    internal int Fd => _cpg!.Fd;

    /// <summary>Corosync has confirmed it.</summary>
    internal bool IsJoined { get; private set; }

    internal CorosyncError Connect()
    {
        CorosyncError error = _local.Open(out _cpg);
        if (error == CorosyncError.CS_OK) { error = _cpg!.Join(_group); }
        if (error != CorosyncError.CS_OK) { Close(); }
        return error;
    }

    /// <summary>False: the connection is dead.</summary>
    internal bool Dispatch(int eventsMax) => _cpg!.Dispatch(this, eventsMax) is CorosyncError.CS_OK or CorosyncError.CS_ERR_TRY_AGAIN;

    internal CorosyncError Send(ReadOnlySpan<byte> message) => _cpg is { } cpg ? cpg.Send(message) : CorosyncError.CS_ERR_BAD_HANDLE;

    internal void Close()
    {
        IsJoined = false;
        _cpg?.Dispose();
        _cpg = null;
    }

    void ICpgListener.Delivered(uint node, uint pid, ReadOnlySpan<byte> message) => heard(node, message);

    void ICpgListener.MembersChanged(ReadOnlySpan<CpgAddress> members, ReadOnlySpan<CpgAddress> left, ReadOnlySpan<CpgAddress> joined) => IsJoined = true;

    void ICpgListener.RingChanged(RingId ring, ReadOnlySpan<uint> nodes)
    {
    }
}
