using System.Globalization;
using System.Text.RegularExpressions;
using ExchangeLb.Lab.Tests.World;

namespace ExchangeLb.Lab.Tests.Kernel;

/// <summary>What the distribution's own tools say about a host.</summary>
internal static partial class Listing
{
    /// <summary>What is left of the lease; 0: there is none.</summary>
    internal static double LeaseMs(NetworkNamespace host, int vip)
    {
        string set = host.Run("nft", "list", "set", "inet", "exchangelb_fence", vip == KernelWorld.V4 ? "lease4" : "lease6");
        Match match = Expires().Match(set);
        return match.Success
            ? (1000 * double.Parse("0" + match.Groups[1].Value, CultureInfo.InvariantCulture)) + double.Parse("0" + match.Groups[2].Value, CultureInfo.InvariantCulture)
            : 0;
    }

    internal static bool HasAddress(NetworkNamespace host, int vip) =>
        host.Run("ip", "address", "show", "dev", "eth0").Contains(vip == KernelWorld.V4 ? KernelWorld.Vip4 + "/" : KernelWorld.Vip6 + "/", System.StringComparison.Ordinal);

    [GeneratedRegex(@"expires (?:(\d+)s)?(?:(\d+)ms)?")]
    private static partial Regex Expires();
}
