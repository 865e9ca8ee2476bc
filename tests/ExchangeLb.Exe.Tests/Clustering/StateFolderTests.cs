using System;
using System.IO;
using ExchangeLb.Clustering;
using Xunit;

namespace ExchangeLb.Exe.Tests.Clustering;

public sealed class StateFolderTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("state");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void A_folder_that_is_missing_is_made()
    {
        ClusterPaths paths = Paths("deep/er");

        using StateFolder? taken = StateFolder.Take(paths, out string problem);

        Assert.NotNull(taken);
        Assert.Equal("", problem);
        Assert.True(Directory.Exists(paths.State));
    }

    [Fact]
    public void A_folder_serves_one_balancer_at_a_time()
    {
        ClusterPaths paths = Paths("one");
        StateFolder? first = StateFolder.Take(paths, out _);

        Assert.Null(StateFolder.Take(paths, out string problem));
        first!.Dispose();
        using StateFolder? second = StateFolder.Take(paths, out _);

        Assert.StartsWith("another exchangelb runs with the state folder", problem, StringComparison.Ordinal);
        Assert.NotNull(second);
    }

    [Fact]
    public void A_balancer_that_starts_while_the_one_before_it_is_about_to_end_waits_for_its_folder()
    {
        ClusterPaths paths = Paths("one");
        StateFolder first = StateFolder.Take(paths, out _)!;
        int asked = 0;

        using StateFolder? second = StateFolder.Take(paths, out string problem, () =>
        {
            if (++asked == 3) { first.Dispose(); }
            return true;
        });

        Assert.NotNull(second);
        Assert.Equal((3, ""), (asked, problem));
        Assert.Null(StateFolder.Take(paths, out _, () => asked-- > 0));
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_named()
    {
        string file = Path.Combine(_folder.FullName, "file");
        File.WriteAllText(file, "");

        Assert.Null(StateFolder.Take(new ClusterPaths(Path.Combine(file, "state"), "cluster.cfg"), out string problem));

        Assert.StartsWith($"--state {file}/state: ", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Incarnations_rise_though_the_clock_is_set_back()
    {
        ClusterPaths paths = Paths("clock");
        DateTime today = new(2026, 11, 22, 12, 0, 0, DateTimeKind.Utc);

        ulong first = Next(paths, today);
        ulong second = Next(paths, today.AddHours(-3));
        ulong third = Next(paths, today.AddHours(1));

        Assert.Equal((ulong)(today - DateTime.UnixEpoch).TotalSeconds * 1_000_000_000, first);
        Assert.Equal(first + 1, second);
        Assert.Equal(first + 3_600_000_000_000, third);
        Assert.Equal($"{third}", File.ReadAllText(paths.Incarnation));
    }

    [Theory]
    [InlineData("")]
    [InlineData("abc")]
    [InlineData("18446744073709551615")]
    [InlineData("99999999999999999999999999")]
    public void A_damaged_file_is_as_good_as_none(string damaged)
    {
        ClusterPaths paths = Paths("damaged");
        Directory.CreateDirectory(paths.State);
        File.WriteAllText(paths.Incarnation, damaged);

        Assert.Equal(1_000_000_000ul, Next(paths, DateTime.UnixEpoch.AddSeconds(1)));
    }

    [Fact]
    public void A_file_that_cannot_be_written_is_named()
    {
        ClusterPaths paths = Paths("full");
        using StateFolder folder = StateFolder.Take(paths, out _)!;
        Directory.CreateDirectory(paths.Incarnation + ".new");

        Assert.Null(folder.NextIncarnation(DateTime.UnixEpoch.AddSeconds(1), out string problem));

        Assert.StartsWith(paths.Incarnation, problem, StringComparison.Ordinal);
    }

    private static ulong Next(ClusterPaths paths, DateTime now)
    {
        using StateFolder folder = StateFolder.Take(paths, out _)!;
        return folder.NextIncarnation(now, out _)!.Value;
    }

    private ClusterPaths Paths(string name) => new(Path.Combine(_folder.FullName, name), "cluster.cfg");
}
