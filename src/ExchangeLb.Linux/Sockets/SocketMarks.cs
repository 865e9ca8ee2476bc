namespace ExchangeLb.Linux.Sockets;

/// <summary>Marks of our sockets' packets, for the fence's rules.</summary>
public static class SocketMarks
{
    /// <summary>
    /// Of a listener in a cluster, and so of connections that wait to be accepted: nobody but this host's kernel knows them. When the process ends, the kernel resets
    /// them, and that may leave even if another node owns the address by then: it can't know them, so nobody else would ever tell their clients. Likewise of connections that end
    /// with a hand-over, where no node goes on with any (`hand-over off`, a target that takes none).
    /// </summary>
    public const int NotAccepted = 0x0100_0000;
}
