using System;
using System.Runtime.InteropServices;

namespace ExchangeLb.Linux.Repair;

/// <summary>struct tcp_repair_window (linux/tcp.h): both windows, as sequence numbers and bytes.</summary>
/// <param name="SendUpdatedAt">snd_wl1: where in the other side's stream its last window update stood.</param>
/// <param name="Send">snd_wnd: bytes that the other side takes from snd_una on.</param>
/// <param name="LargestSend">max_window: the largest that it ever offered.</param>
/// <param name="Receive">rcv_wnd: bytes that we promised to take from <paramref name="ReceiveUpdatedAt"/> on. A promise is not taken back.</param>
/// <param name="ReceiveUpdatedAt">rcv_wup: rcv_nxt when that was promised.</param>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct RepairWindow(uint SendUpdatedAt, uint Send, uint LargestSend, uint Receive, uint ReceiveUpdatedAt)
{
    /// <summary>
    /// As the kernel takes it (tcp_repair_set_window, net/ipv4/tcp.c). Its own may be otherwise: snd_wl1 is moved by segments out of order, too, and the window closed
    /// behind it where memory is short. An older snd_wl1 only lets the next update pass.
    /// </summary>
    /// <param name="receiveNext">rcv_nxt.</param>
    internal RepairWindow Fitting(uint receiveNext) => this with
    {
        SendUpdatedAt = IsAfter(SendUpdatedAt, receiveNext) ? receiveNext : SendUpdatedAt,
        LargestSend = Math.Max(LargestSend, Send),
        ReceiveUpdatedAt = IsAfter(ReceiveUpdatedAt, receiveNext) ? receiveNext : ReceiveUpdatedAt,
    };

    /// <summary>Bytes that the other side may still send; none where it has sent more than was promised.</summary>
    internal uint Promised(uint receiveNext) => IsAfter(receiveNext, unchecked(ReceiveUpdatedAt + Receive)) ? 0 : unchecked(ReceiveUpdatedAt + Receive - receiveNext);

    private static bool IsAfter(uint one, uint other) => unchecked((int)(one - other)) > 0;
}
