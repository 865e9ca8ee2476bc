using ExchangeLb.Linux.Nftables;
using Xunit;

namespace ExchangeLb.Linux.Tests.Nftables;

/// <summary>What is wrong in the text is said before the kernel is asked, so this needs no rights.</summary>
public sealed class NftablesTests
{
    [Fact]
    public void The_library_says_what_is_wrong_each_time_anew()
    {
        using NftLibrary nft = NftLibrary.TryOpen()!;

        NftOutcome first = nft.Run("add nonsense\n");
        NftOutcome second = nft.Run("add other nonsense\n");

        Assert.False(first.Ok || second.Ok);
        Assert.Contains("add nonsense", first.Text, System.StringComparison.Ordinal);
        Assert.DoesNotContain("add nonsense", second.Text, System.StringComparison.Ordinal);
    }

    [Fact]
    public void The_program_says_the_same()
    {
        using NftProcess nft = NftProcess.TryOpen()!;

        NftOutcome outcome = nft.Run("add nonsense\n");

        Assert.False(outcome.Ok);
        Assert.Contains("add nonsense", outcome.Text, System.StringComparison.Ordinal);
    }
}
