using ExchangeLb.Linux.Calls;
using ExchangeLb.Linux.Sockets;

namespace ExchangeLb.Linux.Repair;

/// <summary>
/// Makes the other side of a connection say where it stands: a segment without data and with an old sequence number has to be answered with the
/// numbers that are right (RFC 9293, 3.10.7.4). Linux answers one in 500 ms for each connection (tcp_invalid_ratelimit), so ask again later than
/// that. The kernel keeps the answer to itself: it is heard on the wire, <see cref="Frames.TcpSegment"/>.
/// </summary>
public static class TcpProbe
{
    /// <summary>A socket of which only addresses and ports are known, in repair: it can ask and be closed (<see cref="TcpDump.CloseSilently"/>), not carry anything.</summary>
    /// <param name="local">May be an address that is not here yet.</param>
    public static RestoreResult Open(in SockAddress local, in SockAddress remote)
    {
        SysResult created = TcpSocket.Create(local.Family);
        if (created.Failed) { return new RestoreResult(default, RestoreStep.Create, created); }
        RestoreResult connected = TcpRestore.Connect(created.Count, local, remote, 0, 0);
        return connected.Ok ? new RestoreResult(new RestoredSocket(created.Count, [], false), RestoreStep.None, default) : connected;
    }

    /// <summary>Asks. The socket is in repair, or was: afterwards it is an ordinary one. A socket that has written its end asks by repeating that.</summary>
    /// <param name="receiveNext">What the kernel expects next just before it asks: it may have taken bytes since the socket was made.</param>
    public static SysResult Ask(int fd, out uint receiveNext)
    {
        receiveNext = 0;
        SysResult result = TcpRepair.Enter(fd);
        if (result.Ok) { result = TcpRepair.Select(fd, RepairQueue.Receive); }
        if (result.Ok) { result = TcpRepair.GetSequence(fd, out receiveNext); }
        if (result.Ok) { result = TcpRepair.Select(fd, RepairQueue.None); }
        return result.Ok ? TcpRepair.LeaveProbing(fd) : result;
    }
}
