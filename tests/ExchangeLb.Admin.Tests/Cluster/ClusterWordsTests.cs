using System;
using ExchangeLb.Admin.Cluster;
using ExchangeLb.Core.Runtime;
using Xunit;

namespace ExchangeLb.Admin.Tests.Cluster;

public sealed class ClusterWordsTests
{
    [Theory]
    [InlineData(true, "until this host restarts")]
    [InlineData(false, "")]
    public void A_standby_says_what_ends_it(bool endsWithHost, string note)
    {
        ClusterNodeSnapshot node = new("lb1", 1) { Present = true, IsSelf = true, Fit = true, Standby = true, StandbyEndsWithHost = endsWithHost, Version = "1.0.0", Uptime = TimeSpan.FromMinutes(1) };

        Assert.Equal(("standby", note), (ClusterWords.State(node), ClusterWords.StateNote(node)));
    }
}
