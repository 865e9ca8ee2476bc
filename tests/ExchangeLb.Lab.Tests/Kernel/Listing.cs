using System.Globalization;
using System.Text.RegularExpressions;
using ExchangeLb.Lab.Tests.World;

namespace ExchangeLb.Lab.Tests.Kernel;

/// <summary>What the distribution's own tools say about a host.</summary>
internal static partial class Listing
{
    /// <summary>What is left of the lease, which is less than an hour; 0: there is none. nft names only the units that are not 0: a whole minute is "1m".</summary>
    internal static double LeaseMs(NetworkNamespace host, int vip)
    {
        string set = host.Run("nft", "list", "set", "inet", "exchangelb_fence", vip == KernelWorld.V4 ? "lease4" : "lease6");
        Match match = Expires().Match(set);
        return match.Success
            ? (60_000 * Number(match.Groups[1])) + (1000 * Number(match.Groups[2])) + Number(match.Groups[3])
            : 0;
    }

    internal static bool HasAddress(NetworkNamespace host, int vip) =>
        host.Run("ip", "address", "show", "dev", "eth0").Contains(vip == KernelWorld.V4 ? KernelWorld.Vip4 + "/" : KernelWorld.Vip6 + "/", System.StringComparison.Ordinal);

    /// <summary>The route of ours that delivers an IPv6 address, as `ip` tells it; empty: there is none. The kernel's own has metric 0.</summary>
    internal static string LocalRoute(NetworkNamespace host) =>
        host.Run("ip", "-6", "route", "show", "table", "local", "metric", "1024", KernelWorld.Vip6).Trim();

    internal static bool HasKernelsRoute(NetworkNamespace host) =>
        host.Run("ip", "-6", "route", "show", "table", "local").Contains($"local {KernelWorld.Vip6} dev eth0 proto kernel metric 0", System.StringComparison.Ordinal);

    private static double Number(Group digits) => double.Parse("0" + digits.Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"expires (?=\d)(?:(\d+)m(?!s))?(?:(\d+)s)?(?:(\d+)ms)?\b")]
    private static partial Regex Expires();
}
