using System.Linq;
using ExchangeLb.Linux.Process;
using Xunit;

namespace ExchangeLb.Linux.Tests.Process;

public sealed class KernelRandomTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(257)] // more than the kernel promises to give at once
    [InlineData(100_000)]
    public void All_bytes_are_filled(int length)
    {
        // A byte that is never written stays 0 in all of 16 rounds; for a random one that has a chance of 2^-128.
        byte[] seen = new byte[length];
        byte[] round = new byte[length];

        for (int i = 0; i < 16; i++)
        {
            KernelRandom.Fill(round);
            for (int at = 0; at < length; at++)
            {
                seen[at] |= round[at];
            }
        }

        Assert.DoesNotContain((byte)0, seen);
    }

    [Fact]
    public void Numbers_differ_and_whole_ones_are_not_negative()
    {
        int[] whole = [.. Enumerable.Range(0, 100).Select(_ => KernelRandom.NextInt32())];

        Assert.All(whole, number => Assert.InRange(number, 0, int.MaxValue));
        Assert.True(whole.Distinct().Count() > 90);
        Assert.NotEqual(KernelRandom.NextUInt64(), KernelRandom.NextUInt64());
    }
}
