using System;
using System.Threading;
using ExchangeLb.Cluster.Ownership;

namespace ExchangeLb.Clustering;

/// <summary>How all VIPs stand, copied by the lease thread after each turn, for readers on other threads.</summary>
internal sealed class OwnershipBoard
{
    private readonly Lock _lock = new();
    private VipOwnership[] _written = [];
    private TimeSpan _longestGap;

    public void Write(OwnershipNode node)
    {
        int count = node.VipCount;
        lock (_lock)
        {
            if (_written.Length != count)
            {
                _written = new VipOwnership[count];
            }
            for (int vip = 0; vip < count; vip++)
            {
                _written[vip] = node[vip];
            }
            _longestGap = node.LongestRenewalGap;
        }
    }

    public (VipOwnership[] Vips, TimeSpan LongestGap) Read()
    {
        lock (_lock)
        {
            return ([.. _written], _longestGap);
        }
    }
}
