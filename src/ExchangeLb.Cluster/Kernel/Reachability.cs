using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using ExchangeLb.Cluster.Ownership;
using ExchangeLb.Linux.Calls;
using ExchangeLb.Linux.Netlink;
using ExchangeLb.Linux.Polling;

namespace ExchangeLb.Cluster.Kernel;

/// <summary>
/// Which of its neighbours this host reaches over one device: gateways, the other nodes, servers on the same link. They are asked by ARP or ND ten times a
/// second each, from outside the kernel's neighbour table, whose entries outlive a cut by half a minute. Owner: one thread.
/// </summary>
public sealed class Reachability : IDisposable
{
    private const ulong RoutesKey = 0;
    private const ulong FramesKey = 1;

    private static readonly TimeSpan AddressesGoodFor = TimeSpan.FromSeconds(1);

    private readonly EpollSet _events = new();
    private readonly EpollEvent[] _ready = new EpollEvent[4];
    private readonly RouteRequests _routes;
    private readonly RouteMonitor _monitor;
    private readonly List<RouteChange> _changes = [];
    private readonly LinkFrames _frames;
    private readonly IMonotonicClock _clock;
    private readonly ImmutableHashSet<IPAddress> _vips;
    private readonly ImmutableArray<(IPAddress Address, NeighbourWatch Watch)> _neighbours;
    private ImmutableArray<(IPAddress Address, int PrefixLength)> _own = [];
    private TimeSpan _ownFound = TimeSpan.MinValue;

    /// <param name="neighbours">At most 100 of them; those that are not on this link will never be reached (see <see cref="OnLink"/>).</param>
    /// <param name="vips">Never asked from: they are not this host's own.</param>
    /// <exception cref="InvalidOperationException">The host has no netlink socket to give.</exception>
    public Reachability(string device, IEnumerable<IPAddress> neighbours, IEnumerable<IPAddress> vips, IMonotonicClock clock)
    {
        _clock = clock;
        _vips = [.. vips];
        _neighbours = [.. neighbours.Distinct().Take(100).Select(address => (address, new NeighbourWatch()))];
        _routes = RouteRequests.TryOpen(out SysResult result) ?? throw new InvalidOperationException($"rtnetlink: {result.Describe()}");
        _monitor = RouteMonitor.TryOpen(out result) ?? throw new InvalidOperationException($"rtnetlink: {result.Describe()}");
        _events.Add(_monitor.Fd, EpollBits.EPOLLIN, RoutesKey);
        _frames = new LinkFrames(device, _events, FramesKey);
        _frames.SetSenders(_neighbours.Select(neighbour => neighbour.Address));
        _frames.Update(_routes.FindLink(device));
    }

    /// <summary>Readable when <see cref="Tick"/> has something to read.</summary>
    public int PollFd => _events.Fd;

    public bool LinkUp => _frames.Up;

    /// <summary>How many neighbours are reached; none while the device is down.</summary>
    public int Reached => LinkUp ? _neighbours.Count(neighbour => neighbour.Watch.Reached) : 0;

    /// <summary>Those that are not.</summary>
    public IReadOnlyList<IPAddress> Unreached => [.. _neighbours.Where(neighbour => !LinkUp || !neighbour.Watch.Reached).Select(neighbour => neighbour.Address)];

    /// <summary>Those of the addresses that lie in a network of the device, so that they can be asked.</summary>
    /// <exception cref="InvalidOperationException">The host has no netlink socket to give.</exception>
    public static IReadOnlyList<IPAddress> OnLink(string device, IEnumerable<IPAddress> addresses)
    {
        using RouteRequests routes = RouteRequests.TryOpen(out SysResult result) ?? throw new InvalidOperationException($"rtnetlink: {result.Describe()}");
        int index = routes.FindLink(device)?.Index ?? 0;
        IPNetwork[] networks = [.. routes.Addresses().Where(own => own.Link == index).Select(own => Network(own.Address, own.PrefixLength))];
        return [.. addresses.Where(address => networks.Any(network => network.Contains(address)))];
    }

    /// <summary>Reads answers, then asks whom it is time to ask. Never waits.</summary>
    /// <returns>When the next question is due, on the clock.</returns>
    public TimeSpan Tick()
    {
        Read();
        TimeSpan now = _clock.Now;
        TimeSpan next = now + NeighbourWatch.Interval;
        foreach ((IPAddress address, NeighbourWatch watch) in _neighbours)
        {
            if (watch.Due(now)) { Ask(address, now); }
            next = watch.Next < next ? watch.Next : next;
        }
        return next;
    }

    public void Dispose()
    {
        _frames.Dispose();
        _monitor.Dispose();
        _routes.Dispose();
        _events.Dispose();
    }

    private static IPNetwork Network(IPAddress address, int prefixLength)
    {
        byte[] bytes = address.GetAddressBytes();
        for (int bit = prefixLength; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] &= (byte)~(0x80 >> (bit % 8));
        }
        return new IPNetwork(new IPAddress(bytes), prefixLength);
    }

    private void Read()
    {
        SysResult count = _events.Wait(_ready, 0);
        for (int i = 0; i < count.Value; i++)
        {
            if (_ready[i].Data == FramesKey) { ReadFrames(); }
            else { ReadRoutes(); }
        }
    }

    private void ReadFrames()
    {
        while (_frames.TryReceive(out NeighbourSighting seen))
        {
            foreach ((IPAddress address, NeighbourWatch watch) in _neighbours)
            {
                if (seen.IsAnswer && address.Equals(seen.Address)) { watch.Answered(); }
            }
        }
    }

    private void ReadRoutes()
    {
        _changes.Clear();
        bool complete = _monitor.Drain(_changes);
        foreach (RouteChange change in _changes) { _frames.Apply(change); }
        if (!complete) { _frames.Update(_routes.FindLink(_frames.Device)); }
    }

    private void Ask(IPAddress neighbour, TimeSpan now)
    {
        if (OwnFor(neighbour, now) is { } own) { _frames.SendRequest(own, neighbour); }
        else { _frames.SendProbe(neighbour); }
    }

    /// <summary>An address of this host on the device, best one of the neighbour's network.</summary>
    private IPAddress? OwnFor(IPAddress neighbour, TimeSpan now)
    {
        if (_ownFound == TimeSpan.MinValue || now - _ownFound >= AddressesGoodFor)
        {
            int index = _frames.Link?.Index ?? 0;
            _own = [.. _routes.Addresses().Where(own => own.Link == index && !_vips.Contains(own.Address)).Select(own => (own.Address, own.PrefixLength))];
            _ownFound = now;
        }
        bool v6 = neighbour.AddressFamily == AddressFamily.InterNetworkV6;
        IEnumerable<(IPAddress Address, int PrefixLength)> usable = _own.Where(own => own.Address.AddressFamily == neighbour.AddressFamily);
        return usable.Where(own => Network(own.Address, own.PrefixLength).Contains(neighbour)).Select(own => own.Address).FirstOrDefault()
            ?? (v6 ? usable.Where(own => own.Address.IsIPv6LinkLocal).Select(own => own.Address).FirstOrDefault() : null);
    }
}
