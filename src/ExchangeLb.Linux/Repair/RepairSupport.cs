using ExchangeLb.Linux.Calls;
using ExchangeLb.Linux.Sockets;

namespace ExchangeLb.Linux.Repair;

/// <param name="Reason">In words, what is missing; empty when it works.</param>
public readonly record struct RepairSupport(bool Works, string Reason)
{
    /// <summary>Whether this thread may take connections out of their sockets and make sockets from them. Tries it on a socket of no connection; sends nothing.</summary>
    public static RepairSupport Probe()
    {
        RepairSupport v4 = Probe(SockAddress.AF_INET, SocketOption.Transparent);
        if (!v4.Works) { return v4; }
        SysResult v6 = TcpSocket.Create(SockAddress.AF_INET6);
        if (v6.Failed) { return v4; }       // a host without IPv6 has no such connections
        Descriptor.Close(v6.Count);
        return Probe(SockAddress.AF_INET6, SocketOption.V6Transparent);
    }

    private static RepairSupport Probe(int family, SocketOption transparent)
    {
        SysResult created = TcpSocket.Create(family);
        if (created.Failed) { return new RepairSupport(false, $"no socket can be made: {created.Describe()}"); }
        int fd = created.Count;
        RepairSupport support = Try(fd, transparent);
        Descriptor.Close(fd);
        return support;
    }

    private static RepairSupport Try(int fd, SocketOption transparent)
    {
        SysResult entered = TcpRepair.Enter(fd);
        if (entered.Failed)
        {
            return Missing(entered.Error == Errno.EPERM ? "CAP_NET_ADMIN is missing" : "the kernel does not have TCP_REPAIR", entered);
        }
        SysResult window = TcpRepair.GetWindow(fd, out _);
        if (window.Failed) { return Missing("the kernel does not have TCP_REPAIR_WINDOW (Linux 4.8)", window); }
        SysResult timestamp = TcpRepair.GetTimestamp(fd, out _);
        if (timestamp.Failed) { return Missing("the kernel does not have TCP_TIMESTAMP (Linux 3.9)", timestamp); }
        SysResult bound = TcpSocket.Set(fd, transparent, 1);
        if (bound.Failed) { return Missing("sockets cannot be bound to an address before it is here (IP_TRANSPARENT)", bound); }
        SysResult left = TcpRepair.LeaveSilently(fd);
        return left.Failed ? Missing("the kernel cannot leave TCP_REPAIR silently (Linux 4.20)", left) : new RepairSupport(true, "");
    }

    private static RepairSupport Missing(string what, SysResult error) => new(false, $"{what}: {error.Describe()}");
}
