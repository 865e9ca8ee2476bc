using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Runtime;
using ExchangeLb.Linux.Sockets;

namespace ExchangeLb.Clustering;

/// <summary>
/// Connections that a planned move leaves behind though `hand-over planned` is on: only those go along whose server sees the VIP itself as its
/// client, which takes a server that is reached through the VIP's own network.
/// </summary>
internal static class LeftBehind
{
    /// <summary>A sentence for each VIP that such connections come to, by this host's routes; a backend is named where it is all of its servers'. Any thread.</summary>
    public static ImmutableArray<string> Find(ClusterModel cluster, LoadBalancerSnapshot balancer) => Find(cluster, balancer, RouteTo);

    /// <param name="routeTo">Which address of this host packets to a server would come from; null: there is no route.</param>
    public static ImmutableArray<string> Find(ClusterModel cluster, LoadBalancerSnapshot balancer, Func<IPAddress, IPAddress?> routeTo)
    {
        if (cluster.HandOver == HandOverMode.Off || cluster.Nodes.Length < 2)
        {
            return [];
        }
        return [.. cluster.PresentVips.Select(vip => (Vip: vip, Backends: BackendsOf(vip, balancer, routeTo))).Where(found => found.Backends.Length > 0).Select(found =>
            $"connections to {found.Vip.Address} end when it moves, those of {string.Join(", ", found.Backends)}: {Why(found.Vip)}")];
    }

    private static string Why(VipModel vip) => vip.IsFullLength
        ? $"/{vip.PrefixLength} leaves no server in its network; write the network's own length, or 'hand-over off' if that is meant"
        : "servers are reached through another network than the address's own, which may be meant";

    private static string[] BackendsOf(VipModel vip, LoadBalancerSnapshot balancer, Func<IPAddress, IPAddress?> routeTo)
    {
        HashSet<string> used = [.. balancer.Proxies.Select(proxy => proxy.Model.Frontend).OfType<FrontendModel>()
            .Where(frontend => !frontend.Disabled && frontend.Binds.Any(bind => Takes(bind, vip.Address)))
            .SelectMany(frontend => frontend.UseBackends.Select(rule => rule.Backend).Append(frontend.DefaultBackend)).OfType<string>()];
        return [.. balancer.Proxies.Where(proxy => proxy.Model.Backend is { } backend && used.Contains(backend.Name)).SelectMany(proxy => ServersOf(proxy, server =>
            server.Address is { } address && !(routeTo(address.Address) is { } own && vip.Holds(own))))];
    }

    /// <summary>The backend where it is true of all of its servers, otherwise those by name.</summary>
    private static IEnumerable<string> ServersOf(ProxySnapshot proxy, Func<ServerSnapshot, bool> isLeft)
    {
        ServerSnapshot[] left = [.. proxy.Servers.Where(isLeft)];
        string backend = proxy.Model.Backend!.Name;
        return left.Length == 0 ? [] : left.Length == proxy.Servers.Length ? [backend] : left.Select(server => $"{backend}/{server.Model.Name}");
    }

    private static bool Takes(BindModel bind, IPAddress vip) => bind.Address?.Address is { } address
        && (address.Equals(vip) || address.Equals(vip.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any)
            || (bind.DualStack && address.Equals(IPAddress.IPv6Any)));

    private static IPAddress? RouteTo(IPAddress server) =>
        RouteSource.Find(SockAddress.From(new IPEndPoint(server, 0)), out SockAddress found).Ok ? found.ToEndPoint().Address : null;
}
