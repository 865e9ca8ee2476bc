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
    public void A_folder_that_cannot_be_made_is_named()
    {
        string file = Path.Combine(_folder.FullName, "file");
        File.WriteAllText(file, "");

        Assert.Null(StateFolder.Take(new ClusterPaths(Path.Combine(file, "state"), "cluster.cfg"), out string problem));

        Assert.StartsWith($"--state {file}/state: ", problem, StringComparison.Ordinal);
    }

    private ClusterPaths Paths(string name) => new(Path.Combine(_folder.FullName, name), "cluster.cfg");
}
