using ExchangeLb.Linux.Calls;

namespace ExchangeLb.Linux.Repair;

public enum RestoreStep
{
    None,
    Create,
    Transparent,
    Enter,
    Sequences,
    Bind,
    Connect,
    Options,
    Timestamp,
    Window,
    SegmentSize,
    Buffers,
    ReceivedBytes,
    UnackedBytes,
    EndOfStream,
    KeepAlive,
}

/// <summary>What came of restoring: a socket, or the step that failed, with its error. Nothing is left behind then.</summary>
public readonly record struct RestoreResult(RestoredSocket Socket, RestoreStep FailedAt, SysResult Failure)
{
    public bool Ok => FailedAt == RestoreStep.None;

    /// <summary>A socket with these very addresses and ports lives on this host.</summary>
    public bool IsDuplicate => FailedAt == RestoreStep.Connect && Failure.Error == Errno.EADDRNOTAVAIL;
}
