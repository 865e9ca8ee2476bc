using System;
using System.Collections.Frozen;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using ExchangeLb.Linux.Calls;
using ExchangeLb.Linux.Sockets;

namespace ExchangeLb.Proxy.Sessions;

/// <summary>Addresses of this host, to tell which clients came to one of them. Immutable.</summary>
internal sealed class LocalAddresses(IEnumerable<IPAddress> addresses)
{
    private readonly FrozenSet<UInt128> _mapped = addresses
        .Select(address => SockAddress.From(new IPEndPoint(address, 0)).Mapped)
        .ToFrozenSet();

    /// <summary>The client came to one of them. Only a bind on all addresses needs a system call for it.</summary>
    public bool AreOf(Session session)
    {
        if (session.Listener.Bind.Address is { } bound
            && !bound.Address.Equals(IPAddress.Any) && !bound.Address.Equals(IPAddress.IPv6Any))
        {
            return _mapped.Contains(SockAddress.From(bound).Mapped);
        }
        SysResult read = TcpSocket.LocalAddress(session.ClientFd, out SockAddress local);
        return read.Ok && _mapped.Contains(local.Mapped);
    }
}
