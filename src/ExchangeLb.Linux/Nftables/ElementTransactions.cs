using System;
using System.Runtime.InteropServices;
using ExchangeLb.Linux.Calls;
using ExchangeLb.Linux.Netlink;

namespace ExchangeLb.Linux.Nftables;

/// <summary>Carries out batches of elements' changes (CAP_NET_ADMIN). Owner: one thread.</summary>
public sealed class ElementTransactions : IDisposable
{
    private readonly NetlinkSocket _socket;
    private readonly byte[] _answer = new byte[ElementBatch.MaxBytes * 2];
    private uint _sequence;

    private ElementTransactions(NetlinkSocket socket) => _socket = socket;

    /// <summary>Null: the kernel has no nfnetlink, or no descriptor is left.</summary>
    public static ElementTransactions? TryOpen(out SysResult result) =>
        NetlinkSocket.TryOpen(NetlinkSocket.NETLINK_NETFILTER, out result) is { } socket ? new ElementTransactions(socket) : null;

    /// <summary>All of it happens, or nothing. The kernel has done it when this returns.</summary>
    /// <returns>ENOENT: what was to be deleted, or its set, is not there or has expired. EEXIST: what was to be created is there.</returns>
    public SysResult Run(ElementBatch batch)
    {
        while (_socket.Receive(_answer, wait: false) is { Ok: true } or { Error: Errno.ENOBUFS or Errno.EINTR })
        {
            // Of an earlier transaction: after an error the rest of its answers is not waited for.
        }
        uint first = _sequence + 1;
        SysResult sent = _socket.Send(batch.End(ref _sequence, out uint last));
        return sent.Failed ? sent : Answer(first, last);
    }

    public void Dispose() => _socket.Dispose();

    /// <summary>An error of any message, or at the end the acknowledgement of the last one. The kernel answers all of them before it returns.</summary>
    private SysResult Answer(uint first, uint last)
    {
        while (true)
        {
            SysResult received = _socket.Receive(_answer, wait: true);
            if (received.Error == Errno.EINTR) { continue; }
            if (received.Failed) { return received; }
            NetlinkReader reader = new(_answer.AsSpan(0, received.Count));
            while (reader.Next())
            {
                if (reader.Header.Type != NetlinkReader.NLMSG_ERROR || reader.Body.Length < sizeof(int)) { continue; }
                if ((int)(reader.Header.Sequence - first) < 0) { continue; }   // late, of an earlier one
                int error = -MemoryMarshal.Read<int>(reader.Body);
                if (error != 0) { return SysResult.FromError((Errno)error); }
                if (reader.Header.Sequence == last) { return SysResult.FromError(Errno.None); }
            }
        }
    }
}
