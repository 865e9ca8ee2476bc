using System;
using System.Collections.Generic;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using ExchangeLb.Core.Model;
using ExchangeLb.Linux.Calls;
using ExchangeLb.Linux.Sockets;

namespace ExchangeLb.Proxy.Listening;

/// <summary>Makes listening sockets from `bind` lines.</summary>
internal static class ListenSocket
{
    /// <summary>
    /// Opens and binds; it does not listen yet. On failure nothing is left open and <paramref name="problem"/> says which step failed.
    /// </summary>
    /// <param name="freeBind">Addresses that the host may not have yet, see <see cref="LoadBalancerOptions.FreeBind"/>.</param>
    public static int TryBind(BindModel bind, FrontendModel frontend, IReadOnlySet<IPAddress> freeBind, out string? problem)
    {
        IPEndPoint address = bind.Address!;
        bool v6 = address.AddressFamily == AddressFamily.InterNetworkV6;
        SysResult created = TcpSocket.Create(v6 ? SockAddress.AF_INET6 : SockAddress.AF_INET);
        if (created.Failed)
        {
            problem = $"cannot create socket ({created.Describe()})";
            return -1;
        }
        int fd = created.Count;
        problem = Prepare(fd, bind, frontend, v6, freeBind.Contains(address.Address)) ?? Bind(fd, address);
        if (problem is null)
        {
            return fd;
        }
        Descriptor.Close(fd);
        return -1;
    }

    /// <summary>
    /// Clients who wait in its queue when this process dies are reset, whoever has the address by then: see <see cref="SocketMarks.NotAccepted"/>. Nor need this host have it
    /// any more, which the kernel asks of what is not transparent. False: not permitted, and they hear nothing. Who may put up a fence may do this.
    /// </summary>
    public static bool TryMark(int fd, bool v6) =>
        TcpSocket.Set(fd, TransparentOption(v6), 1).Ok && TcpSocket.Set(fd, SocketOption.Mark, SocketMarks.NotAccepted).Ok;

    /// <summary>What was accepted is an ordinary socket, and its resets stay behind the fence.</summary>
    public static void Unmark(int fd, bool v6)
    {
        TcpSocket.Set(fd, SocketOption.Mark, 0);
        TcpSocket.Set(fd, TransparentOption(v6), 0);
    }

    /// <summary>
    /// Closing it will reset the connection, also where the address is another node's by now, which knows nothing of it. The socket's own family counts: one that came with a
    /// move is of IPv4, where one that was accepted here may be of IPv6, with an IPv4 address in it.
    /// </summary>
    public static void ResetFromAnywhere(int fd)
    {
        if (fd >= 0)
        {
            TryMark(fd, TcpSocket.LocalAddress(fd, out SockAddress local).Ok && local.Family == SockAddress.AF_INET6);
            TcpSocket.ResetOnClose(fd);
        }
    }

    private static SocketOption TransparentOption(bool v6) => v6 ? SocketOption.V6Transparent : SocketOption.Transparent;

    /// <summary>Lets clients come to a bound socket; null, or what the host says against it.</summary>
    public static string? TryListen(int fd, BindModel bind, FrontendModel frontend)
    {
        SysResult listening = TcpSocket.Listen(fd, Backlog(bind, frontend));
        return listening.Failed ? $"cannot listen to socket ({listening.Describe()})" : null;
    }

    /// <summary>
    /// A socket that listened before gets what another configuration says of it. Calling listen(2) again only changes the queue's length.
    /// An inherited one stays as the parent made it, but for buffers that are bounded here: those stay, until the next start.
    /// </summary>
    /// <param name="buffers">Of the clients' connections.</param>
    public static void Adjust(Listener listener, SocketBuffers buffers)
    {
        if (listener.Bind.Descriptor >= 0)
        {
            buffers.Apply(listener.Fd);
        }
        else
        {
            buffers.Renew(listener.Fd);
            FrontendModel frontend = listener.Plan.Model;
            TcpSocket.Set(listener.Fd, SocketOption.KeepAlive, frontend.KeepAlive ? 1 : 0);
            TcpSocket.Listen(listener.Fd, Backlog(listener.Bind, frontend));
        }
    }

    /// <summary>`[192.168.200.25:443]`, as HAProxy ends its messages.</summary>
    public static string Describe(BindModel bind) => bind.Descriptor >= 0
        ? string.Create(CultureInfo.InvariantCulture, $"[fd@{bind.Descriptor}]")
        : $"[{bind.Address}]";

    private static string? Prepare(int fd, BindModel bind, FrontendModel frontend, bool v6, bool free)
    {
        TcpSocket.Set(fd, SocketOption.ReuseAddress, 1);
        TcpSocket.Set(fd, SocketOption.ReusePort, 1);
        TcpSocket.Set(fd, SocketOption.NoDelay, 1);     // inherited by accepted sockets: saves a call for each
        if (frontend.KeepAlive)
        {
            TcpSocket.Set(fd, SocketOption.KeepAlive, 1);
        }
        if (v6)
        {
            TcpSocket.Set(fd, SocketOption.V6Only, bind.DualStack ? 0 : 1);
        }
        if (bind.Transparent)
        {
            SysResult transparent = TcpSocket.Set(fd, TransparentOption(v6), 1);
            if (transparent.Failed)
            {
                return $"cannot make listening socket transparent ({transparent.Describe()})";
            }
        }
        else if (free)
        {
            SysResult freed = TcpSocket.Set(fd, v6 ? SocketOption.V6FreeBind : SocketOption.FreeBind, 1);
            if (freed.Failed)
            {
                return $"cannot listen on an address that the host does not have yet ({freed.Describe()})";
            }
        }
        if (bind.Interface is { } device)
        {
            SysResult bound = TcpSocket.BindToDevice(fd, device);
            if (bound.Failed)
            {
                return $"cannot bind listener to device '{device}' ({bound.Describe()})";
            }
        }
        return null;
    }

    private static string? Bind(int fd, IPEndPoint address)
    {
        SysResult bound = TcpSocket.Bind(fd, SockAddress.From(address));
        if (bound.Ok)
        {
            return null;
        }
        string remedy = bound.Error switch
        {
            Errno.EADDRNOTAVAIL => "; this host has no such address: give it one, or write 'transparent' behind it",
            Errno.EADDRINUSE => "; another program listens there: `ss -ltnp` tells which",
            Errno.EACCES => "; ports below 1024 need root or CAP_NET_BIND_SERVICE",
            _ => "",
        };
        return $"cannot bind socket ({bound.Describe()}{remedy})";
    }

    private static int Backlog(BindModel bind, FrontendModel frontend)
    {
        int asked = bind.Backlog > 0 ? bind.Backlog : frontend.Backlog;
        return asked > 0 ? asked : Math.Max(1024, Math.Max(bind.MaxConn, frontend.MaxConn));
    }

    /// <summary>Takes a listening socket of the parent's.</summary>
    public static int Inherit(int fd, out string? problem)
    {
        problem = null;
        if (!Descriptor.IsOpen(fd))
        {
            problem = "the inherited descriptor is not open";
        }
        else if (TcpSocket.Get(fd, SocketOption.AcceptConnections) is { Ok: true, Value: 1 })
        {
            Descriptor.SetNonBlocking(fd);
            TcpSocket.Set(fd, SocketOption.NoDelay, 1);
            return fd;
        }
        else
        {
            problem = "the inherited descriptor is not a listening socket";
        }
        return -1;
    }
}
