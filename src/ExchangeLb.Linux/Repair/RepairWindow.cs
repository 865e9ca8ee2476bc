using System.Runtime.InteropServices;

namespace ExchangeLb.Linux.Repair;

/// <summary>struct tcp_repair_window (linux/tcp.h): both windows, as sequence numbers and bytes.</summary>
/// <param name="SendUpdatedAt">snd_wl1: where in the other side's stream its last window update stood.</param>
/// <param name="Send">snd_wnd: bytes that the other side takes from snd_una on.</param>
/// <param name="LargestSend">max_window: the largest that it ever offered.</param>
/// <param name="Receive">rcv_wnd: bytes that we promised to take from <paramref name="ReceiveUpdatedAt"/> on. A promise is not taken back.</param>
/// <param name="ReceiveUpdatedAt">rcv_wup: rcv_nxt when that was promised.</param>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct RepairWindow(uint SendUpdatedAt, uint Send, uint LargestSend, uint Receive, uint ReceiveUpdatedAt);
