using System;
using ExchangeLb.Cluster.Kernel;
using ExchangeLb.Linux.Nftables;
using Xunit;

namespace ExchangeLb.Cluster.Tests.Kernel;

/// <summary>What the kernel lacks is named at start, with the fallback taken.</summary>
public sealed class KernelFeaturesTests
{
    private static readonly TimeSpan FineTick = TimeSpan.FromMilliseconds(4);

    [Fact]
    public void A_kernel_that_can_everything_has_nothing_to_be_said_of_it()
    {
        KernelFeatures found = KernelFeatures.Find(new Kernel(""), library: true, "", FineTick);

        Assert.True(found.Egress);
        Assert.Empty(found.Fallbacks);
    }

    [Fact]
    public void Without_the_egress_hook_announcements_are_checked_before_they_are_sent()
    {
        KernelFeatures found = KernelFeatures.Find(new Kernel("hook egress"), library: true, "", FineTick);

        Assert.False(found.Egress);
        Assert.StartsWith("no egress hook in nftables (kernel 5.16, nft 1.0.1): an announcement is checked against the lease before it is sent", Assert.Single(found.Fallbacks), StringComparison.Ordinal);
    }

    [Fact]
    public void A_coarse_tick_is_named()
    {
        KernelFeatures found = KernelFeatures.Find(new Kernel(""), library: true, "", TimeSpan.FromMilliseconds(10));

        Assert.Equal("timed elements are cut to 10 ms by this kernel (CONFIG_HZ): leases end up to that much early", Assert.Single(found.Fallbacks));
    }

    [Fact]
    public void Without_the_library_the_program_puts_up_the_fence()
    {
        KernelFeatures found = KernelFeatures.Find(new Kernel(""), library: false, "", FineTick);

        Assert.StartsWith("libnftables.so.1 is not on this host (package libnftables1): the program nft is started", Assert.Single(found.Fallbacks), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("table arp")]
    [InlineData("table inet")]
    [InlineData("flags timeout")]
    [InlineData("mark . mark")]
    public void Without_what_a_fence_needs_the_start_says_what_to_do(string lacks)
    {
        InvalidOperationException refused = Assert.Throws<InvalidOperationException>(() => KernelFeatures.Find(new Kernel(lacks), library: true, "", FineTick));

        Assert.Contains("this kernel can't fence a virtual address", refused.Message, StringComparison.Ordinal);
        Assert.Contains("(Operation not supported)", refused.Message, StringComparison.Ordinal);
        Assert.Contains("load the module nf_tables, or use a kernel of 4.18 or later", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_rights_the_start_says_which()
    {
        InvalidOperationException refused = Assert.Throws<InvalidOperationException>(() => KernelFeatures.Find(new Kernel(""), library: true, "CAP_NET_ADMIN, CAP_NET_RAW", FineTick));

        Assert.Equal("a virtual address needs CAP_NET_ADMIN, CAP_NET_RAW: start as root, or with AmbientCapabilities=CAP_NET_ADMIN CAP_NET_RAW in the unit", refused.Message);
    }

    /// <summary>Refuses whatever names what it lacks.</summary>
    private sealed class Kernel(string lacks) : INftables
    {
        public NftOutcome Run(string commands) =>
            lacks.Length > 0 && commands.Contains(lacks, StringComparison.Ordinal) ? new(false, "Operation not supported\n^^^^") : new(true, "");

        public void Dispose()
        {
        }
    }
}
