using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Globalization;
using System.Linq;
using System.Net;

namespace ExchangeLb.Core.Model;

/// <summary>A cluster.cfg: what the nodes of a cluster must agree on and haproxy.cfg cannot say.</summary>
/// <param name="Name">`cluster NAME`: in every message, so that two clusters on one wire stay apart.</param>
/// <param name="Nodes">In the order of the file, at least one; ids and names each once.</param>
/// <param name="Vips">In the order of the file; of a node that runs: by their places, which its threads name them by (<see cref="VipPlaces"/>).</param>
public sealed record ClusterModel(string Name, ImmutableArray<ClusterNodeModel> Nodes, ImmutableArray<VipModel> Vips)
{
    /// <summary>Without those that a reload took away.</summary>
    public IEnumerable<VipModel> PresentVips => Vips.Where(vip => !vip.IsGone);

    /// <summary>For people: a node that is not configured (any more) is named by its number.</summary>
    public string NameOf(uint id) => Nodes.FirstOrDefault(node => node.Id == id)?.Name ?? string.Create(CultureInfo.InvariantCulture, $"node {id}");

    /// <summary>Nodes without any address in the VIP's network; of one family with it, and none where the VIP has the full length.</summary>
    public IEnumerable<ClusterNodeModel> NodesOutside(VipModel vip)
    {
        ArgumentNullException.ThrowIfNull(vip);
        return vip.IsFullLength ? [] : Nodes.Where(node => node.Addresses[0].AddressFamily == vip.Address.AddressFamily && !node.Addresses.Any(vip.Holds));
    }

    /// <summary>`key-file`: the cluster's shared secret, at least 128 random bytes, readable by its owner alone.</summary>
    public string KeyFile { get; init; } = "/etc/exchangelb/cluster.key";

    /// <summary>`lease`, and all that is derived from it.</summary>
    public ClusterTimings Timings { get; init; } = ClusterTimings.Default;

    /// <summary>`port`: Corosync's UDP port of link 0, 1..65535; link 1 has the next one. Of TCP it is that of streams between nodes.</summary>
    public int Port { get; init; } = 5405;

    /// <summary>`preempt [delay TIME]`: a node of higher priority takes a VIP back once it has been fit for so long; null: it never does.</summary>
    public TimeSpan? PreemptDelay { get; init; }

    /// <summary>`gateway ADDRESS ...`: neighbours that a node must reach to be fit, on the service network.</summary>
    public ImmutableArray<IPAddress> Gateways { get; init; } = [];

    /// <summary>`hand-over off|planned|full`: what becomes of established connections when a VIP moves.</summary>
    public HandOverMode HandOver { get; init; } = HandOverMode.Full;

    /// <summary>`hook COMMAND`: run by /bin/sh at each change of owner; null: nothing is run.</summary>
    public string? Hook { get; init; }
}

public enum HandOverMode
{
    /// <summary>They end.</summary>
    Off,

    /// <summary>They go along with a VIP that is handed over in order; a crash ends them.</summary>
    Planned,

    /// <summary>So they do, and those that are quiet outlive the crash of their owner.</summary>
    Full,
}

/// <summary>`node NAME ADDRESS[,ADDRESS] [priority N] [id N]`.</summary>
/// <param name="Id">1 and up; the place in the file unless `id` says otherwise.</param>
/// <param name="Addresses">One a link, one or two; the service network's first.</param>
/// <param name="Priority">0..1000; the higher one is preferred where a VIP has no order of its own.</param>
public sealed record ClusterNodeModel(uint Id, string Name, ImmutableArray<IPAddress> Addresses, int Priority);

/// <summary>`vip ADDRESS/LENGTH dev DEVICE [prefer NODE[,NODE...]]`.</summary>
/// <param name="PrefixLength">1..32 or 1..128.</param>
/// <param name="Device">1..15 characters.</param>
/// <param name="Prefer">Names of nodes, the preferred one first; empty: by priority.</param>
public sealed record VipModel(IPAddress Address, int PrefixLength, string Device, ImmutableArray<string> Prefer)
{
    /// <summary>
    /// A reload took it away (<see cref="VipPlaces"/>): only its place is left, so that an index means one VIP for as long as a process runs. In no file.
    /// </summary>
    public bool IsGone { get; init; }

    /// <summary>Whether an address is in the VIP's network; one of the other family is not.</summary>
    public bool Holds(IPAddress other)
    {
        if (other.AddressFamily != Address.AddressFamily)
        {
            return false;
        }
        (byte[] own, byte[] its) = (Address.GetAddressBytes(), other.GetAddressBytes());
        for (int bit = 0; bit < PrefixLength; bit++)
        {
            if (((own[bit / 8] ^ its[bit / 8]) & (0x80 >> (bit % 8))) != 0)
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>It has no network but itself.</summary>
    public bool IsFullLength => PrefixLength == Address.GetAddressBytes().Length * 8;
}
