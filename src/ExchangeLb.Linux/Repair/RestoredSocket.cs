namespace ExchangeLb.Linux.Repair;

/// <summary>
/// A restored connection, still in repair: nothing was sent. <see cref="TcpRestore.Release"/> sets it going;
/// <see cref="TcpDump.CloseFrozen"/> drops it without a trace.
/// </summary>
/// <param name="Anew">Unacknowledged bytes that are sent again, as if for the first time, when it is released.</param>
/// <param name="EndAnew">Likewise our FIN, behind them.</param>
/// <param name="HoldsReceived">It has what was received and not read, and gives it out before anything else.</param>
/// <param name="IsQuiet">Nothing of it was under way either way: it need not ask the other side where that stands.</param>
public readonly record struct RestoredSocket(int Fd, byte[] Anew, bool EndAnew, bool IsQuiet = false, bool HoldsReceived = false);
