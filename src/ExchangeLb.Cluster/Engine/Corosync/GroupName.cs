using System.IO.Hashing;
using System.Text;

namespace ExchangeLb.Cluster.Engine.Corosync;

/// <summary>The process groups of a cluster: one of its balancers, one of their guards.</summary>
internal static class GroupName
{
    // A group's name has 128 bytes (corosync/cpg.h); a cluster's may be longer.
    private const int PlainBytesMax = 100;

    internal static string OfBalancers(string cluster) => "exchangelb:" + Short(cluster);

    internal static string OfGuards(string cluster) => OfBalancers(cluster) + ":guard";

    private static string Short(string cluster)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(cluster);
        return bytes.Length <= PlainBytesMax ? cluster : $"{XxHash128.HashToUInt128(bytes):x32}";
    }
}
