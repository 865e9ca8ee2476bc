using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Text;

namespace ExchangeLb.Config.Cluster;

/// <summary>haproxy.cfg and cluster.cfg side by side: what is right in each of them, and yet does not fit.</summary>
public static class BesideHaproxyChecks
{
    /// <param name="clusterFile">For messages.</param>
    public static void Run(LoadBalancerModel balancer, ClusterModel cluster, string clusterFile, DiagnosticList diagnostics)
    {
        BindModel[] binds = [.. balancer.Proxies.Where(proxy => proxy.Frontend is { Disabled: false }).SelectMany(proxy => proxy.Frontend!.Binds)];
        if (binds.Length > 0) { WarnOfUnserved(binds, cluster, clusterFile, diagnostics); }
        foreach (ServerModel server in balancer.Proxies.Where(proxy => proxy.Backend is not null).SelectMany(proxy => proxy.Backend!.Servers))
        {
            if (cluster.Vips.Any(vip => vip.Address.Equals(server.Address)))
            {
                diagnostics.Warning(server.Place,
                    $"server '{server.Name}' has the address of a VIP, so the balancer would connect to itself; write the server's own address");
            }
        }
    }

    /// <summary>Where the files are tried on one of the nodes: it could not start with an address that is neither its own nor a VIP, as a mistyped one.</summary>
    /// <param name="host">Its addresses.</param>
    public static void WarnOfStrangers(LoadBalancerModel balancer, ClusterModel cluster, IReadOnlyCollection<IPAddress> host, DiagnosticList diagnostics)
    {
        foreach (BindModel bind in balancer.Proxies.Where(proxy => proxy.Frontend is { Disabled: false }).SelectMany(proxy => proxy.Frontend!.Binds))
        {
            if (bind.Address?.Address is { } address && !IsHere(address, host) && !cluster.Vips.Any(vip => vip.Address.Equals(address)))
            {
                diagnostics.Warning(bind.Place, $"'bind {Written(address, bind.Address.Port)}' is neither an address of this host nor a VIP of cluster '{cluster.Name}' "
                    + $"({string.Join(", ", cluster.Vips.Select(vip => vip.Address))}), so the node can't listen there; correct one of them");
            }
        }
    }

    private static bool IsHere(IPAddress address, IReadOnlyCollection<IPAddress> host) =>
        address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any) || IPAddress.IsLoopback(address) || host.Contains(address);

    private static void WarnOfUnserved(BindModel[] binds, ClusterModel cluster, string clusterFile, DiagnosticList diagnostics)
    {
        VipModel[] unserved = [.. cluster.Vips.Where(vip => !binds.Any(bind => TakesConnectionsTo(bind, vip.Address)))];
        if (unserved.Length == 0) { return; }
        string what = unserved.Length < cluster.Vips.Length ? string.Join(" or ", unserved.Select(vip => $"vip {vip.Address}"))
            : $"a VIP ({string.Join(", ", unserved.Select(vip => vip.Address))})";
        diagnostics.Warning(new(clusterFile, 0),
            $"cluster '{cluster.Name}': no 'bind' of haproxy.cfg listens on {what}, so nobody who connects to it is served; write: bind {Written(unserved[0].Address, 443)}");
    }

    private static bool TakesConnectionsTo(BindModel bind, IPAddress vip) => bind.Address?.Address is { } address
        && (address.Equals(vip)
            || (address.Equals(IPAddress.Any) && vip.AddressFamily == AddressFamily.InterNetwork)
            || (address.Equals(IPAddress.IPv6Any) && (vip.AddressFamily == AddressFamily.InterNetworkV6 || bind.DualStack)));

    private static string Written(IPAddress address, int port) =>
        address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{address}]:{port}" : $"{address}:{port}";
}
