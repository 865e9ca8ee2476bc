using System.Globalization;
using System.IO;
using System.Linq;
using ExchangeLb.Linux.Process;
using Xunit;

namespace ExchangeLb.Linux.Tests.Process;

public sealed class DescriptorLimitTests
{
    [Fact]
    public void The_limit_is_what_the_kernel_says_of_this_process()
    {
        string[] words = File.ReadLines("/proc/self/limits").Single(line => line.StartsWith("Max open files", System.StringComparison.Ordinal))
            .Split(' ', System.StringSplitOptions.RemoveEmptyEntries);

        DescriptorLimit limit = DescriptorLimit.Read();

        Assert.Equal(words[3], limit.Soft.ToString(CultureInfo.InvariantCulture));
        Assert.Equal(words[4], limit.Hard.ToString(CultureInfo.InvariantCulture));
    }

    [Fact]
    public void Asking_for_less_than_there_is_changes_nothing()
    {
        DescriptorLimit before = DescriptorLimit.Read();

        bool done = DescriptorLimit.TryRaise(3);

        Assert.True(done);
        Assert.Equal(before, DescriptorLimit.Read());
    }

    [Fact]
    public void The_number_of_open_descriptors_is_about_right()
    {
        int counted = Directory.GetFileSystemEntries("/proc/self/fd").Length;

        int told = DescriptorLimit.OpenNow();

        Assert.InRange(told, 3, counted + 50); // other tests open and close meanwhile
    }

    [Fact]
    public void More_than_the_kernel_allows_anybody_is_refused_and_changes_nothing()
    {
        DescriptorLimit before = DescriptorLimit.Read();
        ulong most = ulong.Parse(File.ReadAllText("/proc/sys/fs/nr_open"), CultureInfo.InvariantCulture);

        bool done = DescriptorLimit.TryRaise(most + 1);

        Assert.False(done);
        Assert.Equal(before, DescriptorLimit.Read());
    }
}
