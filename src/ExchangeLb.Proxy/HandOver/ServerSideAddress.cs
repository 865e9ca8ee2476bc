using System;
using System.Collections.Frozen;
using System.Collections.Generic;
using System.Net;
using System.Threading;
using ExchangeLb.Linux.Sockets;
using ExchangeLb.Proxy.Backends;
using ExchangeLb.Proxy.Sessions;

namespace ExchangeLb.Proxy.HandOver;

/// <summary>
/// The address of ours that a server sees: the virtual address that the client came to, so that both halves of a session move together; only where
/// the server is reached through that address's own network, for elsewhere its answers would not come back. One instance a loop; owner: its
/// thread.
/// </summary>
/// <param name="options">As they are now. Ports are taken in turn from a random one on, so that a restarted node does not begin with those that servers still know.</param>
internal sealed class ServerSideAddress(Func<ServerSideOptions> options, Random random)
{
    /// <summary>Ports tried for one connection; then it gets an address and port of the kernel's choice, and cannot move.</summary>
    public const int Tries = 64;

    /// <summary>Routes may change.</summary>
    private const long RouteKnownForMs = 10_000;

    private FrozenDictionary<UInt128, Network> _moving = FrozenDictionary<UInt128, Network>.Empty;
    private ServerSideOptions? _options;
    private PortRange _ports;
    private readonly Dictionary<UInt128, (UInt128 Source, long UntilMs)> _routes = [];
    private int _next;
    private long _exhausted;

    /// <summary>Connections that found no free port in <see cref="Tries"/>. Read by others.</summary>
    public long ExhaustedTotal => Volatile.Read(ref _exhausted);

    /// <summary>The address, without a port; false: the kernel chooses.</summary>
    public bool TryFind(Session session, ServerState server, long nowMs, out SockAddress address)
    {
        address = default;
        Follow(options());
        if (_moving.Count == 0 || TcpSocket.LocalAddress(session.ClientFd, out SockAddress local).Failed
            || !_moving.TryGetValue(local.Mapped, out Network network) || network.Own.Family != server.Address.Family)
        {
            return false;
        }
        address = network.Own;
        return network.Holds(SourceFor(server.Address, nowMs));
    }

    /// <param name="afterConflict">The port before was taken, and many after it may be, by long connections of another loop: jump.</param>
    public SockAddress WithNextPort(in SockAddress address, bool afterConflict)
    {
        _next = afterConflict ? random.Next(_ports.Count) : (_next + 1) % _ports.Count;
        return address.WithPort(_ports.First + _next);
    }

    public void NoteExhausted() => Volatile.Write(ref _exhausted, _exhausted + 1);

    /// <summary>The socket's own address is this one.</summary>
    public static bool IsAt(int fd, UInt128 mapped) => TcpSocket.LocalAddress(fd, out SockAddress local).Ok && local.Mapped == mapped;

    /// <summary>Whether both halves of a session that has a server could move; or the one that is left, where the server's is over and only its bytes are owed.</summary>
    public static bool CanMove(Session session, UInt128 mapped) =>
        session.Failure is null && (session.ServerFd < 0 ? IsServerOver(session) : IsAt(session.ServerFd, mapped));

    /// <summary>Nothing more comes from it, and nothing more goes to it.</summary>
    public static bool IsServerOver(Session session) => session.Upload is { Finished: true, SinkShut: true } && session.Download.SourceEnded;

    private void Follow(ServerSideOptions now)
    {
        if (ReferenceEquals(now, _options)) { return; }
        if (_options?.Ports != now.Ports) { _next = random.Next(Math.Max(1, now.Ports.Count)); }
        (_options, _ports) = (now, now.Ports);
        _moving = now.Moving.ToFrozenDictionary(
            address => Mapped(address.Address), address => new Network(SockAddress.From(new IPEndPoint(address.Address, 0)), BitsOf(address)));
    }

    private UInt128 SourceFor(in SockAddress server, long nowMs)
    {
        if (_routes.TryGetValue(server.Mapped, out (UInt128 Source, long UntilMs) known) && nowMs < known.UntilMs)
        {
            return known.Source;
        }
        UInt128 source = RouteSource.Find(server, out SockAddress found).Ok ? found.Mapped : 0;
        _routes[server.Mapped] = (source, nowMs + RouteKnownForMs);
        return source;
    }

    private static UInt128 Mapped(IPAddress address) => SockAddress.From(new IPEndPoint(address, 0)).Mapped;

    private static int BitsOf(MovingAddress address) =>
        address.PrefixLength + (address.Address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? 96 : 0);

    private readonly record struct Network(SockAddress Own, int Bits)
    {
        public bool Holds(UInt128 other) => (Own.Mapped ^ other) >> (128 - Bits) == 0;
    }
}
