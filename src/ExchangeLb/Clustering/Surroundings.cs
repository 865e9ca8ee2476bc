using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Net;
using System.Net.NetworkInformation;
using ExchangeLb.Cluster.Kernel;
using ExchangeLb.Cluster.Ownership;
using ExchangeLb.Core.Runtime;

namespace ExchangeLb.Clustering;

/// <summary>
/// What this node reaches of its surroundings, device by device: gateways, the other nodes on each link, servers on the same wire. Owner: the
/// lease thread.
/// </summary>
internal sealed class Surroundings : IDisposable
{
    private readonly ClusterSetup _setup;
    private readonly IMonotonicClock _clock;
    private readonly ImmutableArray<(string Device, Reachability Reached)> _devices;
    private readonly ImmutableArray<string?> _linkDevices;

    /// <param name="servers">Of all backends.</param>
    /// <exception cref="InvalidOperationException">The host has no netlink socket to give.</exception>
    public Surroundings(ClusterSetup setup, IEnumerable<IPAddress> servers, IMonotonicClock clock)
    {
        _setup = setup;
        _clock = clock;
        _linkDevices = [.. setup.Self.Addresses.Select(DeviceOf)];
        IPAddress[] peers = [.. setup.Model.Nodes.Where(node => node.Id != setup.Self.Id).SelectMany(node => node.Addresses)];
        IPAddress[] vips = [.. setup.Model.PresentVips.Select(vip => vip.Address)];
        IPAddress[] wanted = [.. setup.Model.Gateways, .. peers, .. servers.Distinct().Where(server => !vips.Contains(server))];
        _devices =
        [
            .. setup.Model.PresentVips.Select(vip => vip.Device).Concat(_linkDevices.OfType<string>()).Distinct(StringComparer.Ordinal)
                .Select(device => (device, new Reachability(device, Reachability.OnLink(device, wanted), vips, clock))),
        ];
    }

    /// <summary>For the lease thread to wait on.</summary>
    public IEnumerable<int> PollFds => _devices.Select(device => device.Reached.PollFd);

    /// <summary>Asks and reads.</summary>
    /// <returns>When it wants to be called again.</returns>
    public TimeSpan Tick()
    {
        TimeSpan next = _clock.Now + TimeSpan.FromSeconds(1);
        foreach ((_, Reachability reached) in _devices)
        {
            TimeSpan due = reached.Tick();
            next = due < next ? due : next;
        }
        return next;
    }

    /// <summary>What is not reached on the devices that carry VIPs, and whether one of them reaches nobody; the cut of another network costs no fitness.</summary>
    public (IReadOnlyList<string> Gateways, int Neighbours, bool Nobody) Unreached()
    {
        Reachability[] ofVips = [.. _devices.Where(device => _setup.Model.PresentVips.Any(vip => vip.Device == device.Device)).Select(device => device.Reached)];
        IPAddress[] unreached = [.. ofVips.SelectMany(reached => reached.Unreached)];
        string[] gateways = [.. unreached.Where(_setup.Model.Gateways.Contains).Select(address => address.ToString())];
        return (gateways, unreached.Length - gateways.Length, ofVips.Any(reached => reached.Reached == 0 && reached.Unreached.Count > 0));
    }

    /// <param name="peersThere">Some other node is in the view, so that somebody should be reached.</param>
    public ImmutableArray<LinkSnapshot> Links(bool peersThere) =>
        [.. _setup.Self.Addresses.Select((address, index) => new LinkSnapshot(index, address.ToString(), IsUp(_linkDevices[index], peersThere)))];

    public void Dispose()
    {
        foreach ((_, Reachability reached) in _devices)
        {
            reached.Dispose();
        }
    }

    private bool IsUp(string? device, bool peersThere) =>
        _devices.Any(known => known.Device == device && known.Reached.LinkUp && (!peersThere || known.Reached.Reached > 0));

    private static string? DeviceOf(IPAddress address) => NetworkInterface.GetAllNetworkInterfaces()
        .FirstOrDefault(device => device.GetIPProperties().UnicastAddresses.Any(own => own.Address.Equals(address)))?.Name;
}
