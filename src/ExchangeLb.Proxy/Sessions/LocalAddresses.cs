using System;
using System.Collections.Frozen;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using ExchangeLb.Linux.Calls;
using ExchangeLb.Linux.Sockets;
using ExchangeLb.Proxy.Listening;

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
        if (IsOne(session.Listener) is { } one)
        {
            return one;
        }
        SysResult read = TcpSocket.LocalAddress(session.ClientFd, out SockAddress local);
        return read.Ok && _mapped.Contains(local.Mapped);
    }

    public bool Overlaps(LocalAddresses other) => _mapped.Overlaps(other._mapped);

    /// <summary>The same of one who waits at this listener.</summary>
    public bool AreOf(Listener listener, WaitingClient client) => IsOne(listener) ?? _mapped.Contains(client.Local);

    /// <summary>False: no connection that the listener accepts comes to one of them.</summary>
    public bool MayReach(Listener listener) => IsOne(listener) ?? true;

    /// <summary>True: no connection that the listener accepts comes to another one.</summary>
    public bool IsOnly(Listener listener) => IsOne(listener) ?? false;

    /// <summary>Null: it listens on all addresses.</summary>
    private bool? IsOne(Listener listener) =>
        listener.Bind.Address is { } bound && !bound.Address.Equals(IPAddress.Any) && !bound.Address.Equals(IPAddress.IPv6Any)
            ? _mapped.Contains(SockAddress.From(bound).Mapped)
            : null;
}
