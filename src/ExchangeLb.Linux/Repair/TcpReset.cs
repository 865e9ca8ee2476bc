using ExchangeLb.Linux.Calls;
using ExchangeLb.Linux.Sockets;

namespace ExchangeLb.Linux.Repair;

/// <summary>Resets a connection of which there is no socket any more.</summary>
public static class TcpReset
{
    /// <summary>
    /// Sends one RST that the other side accepts at once, since it has exactly the numbers that it expects (RFC 5961, 3.2); no raw packets are
    /// needed. Any thread. A socket of this host with the same addresses and ports must be closed before: EADDRNOTAVAIL.
    /// </summary>
    /// <param name="sendSequence">What the other side expects next: the acknowledgement number of what it sent last.</param>
    /// <param name="receiveSequence">The sequence number that it sends next.</param>
    public static SysResult Exactly(in SockAddress local, in SockAddress remote, uint sendSequence, uint receiveSequence)
    {
        SysResult created = TcpSocket.Create(local.Family);
        if (created.Failed) { return created; }
        int fd = created.Count;
        RestoreResult connected = TcpRestore.Connect(fd, local, remote, sendSequence, receiveSequence);
        if (!connected.Ok) { return connected.Failure; }
        SysResult result = TcpSocket.ResetOnClose(fd);
        if (result.Ok) { result = TcpRepair.LeaveSilently(fd); }
        SysResult closed = Descriptor.Close(fd);        // still in repair after a failure: then it is silent
        return result.Failed ? result : closed;
    }
}
