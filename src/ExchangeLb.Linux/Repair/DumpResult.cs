using ExchangeLb.Linux.Calls;

namespace ExchangeLb.Linux.Repair;

public enum DumpVerdict
{
    /// <summary>There is an image.</summary>
    Dumped,

    /// <summary>Only a snapshot says so: bytes are on their way or unread, so an image without them would be of no use.</summary>
    Busy,

    /// <summary>Its handshake is not over (SYN_SENT, SYN_RECV).</summary>
    Connecting,

    /// <summary>Both sides have ended it, or it was reset: nothing is left to go on with.</summary>
    Over,

    /// <summary>It listens.</summary>
    Listening,

    /// <summary>An address that means something only on this host's link (fe80::/10).</summary>
    LinkLocal,

    /// <summary>It changed while it was read, again and again: no fence is up.</summary>
    Changing,

    /// <summary>Urgent data (RFC 6093) waits unread, which can be read as far as its mark, and no further.</summary>
    Urgent,

    /// <summary>CAP_NET_ADMIN is missing.</summary>
    Denied,

    /// <summary>A system call failed in a way that none of the others explains.</summary>
    Failed,
}

/// <param name="Image">With <see cref="DumpVerdict.Dumped"/>, else null.</param>
/// <param name="Failure">The call that failed, with <see cref="DumpVerdict.Denied"/> and <see cref="DumpVerdict.Failed"/>.</param>
public readonly record struct DumpResult(DumpVerdict Verdict, TcpImage? Image, SysResult Failure)
{
    internal static DumpResult Of(TcpImage image) => new(DumpVerdict.Dumped, image, default);

    internal static DumpResult Refused(DumpVerdict verdict) => new(verdict, null, default);

    internal static DumpResult Failed(SysResult failure) => new(DumpVerdict.Failed, null, failure);
}
