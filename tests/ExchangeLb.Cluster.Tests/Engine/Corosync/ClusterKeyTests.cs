using System;
using System.IO;
using System.Linq;
using System.Runtime.Versioning;
using ExchangeLb.Cluster.Engine.Corosync;
using Xunit;

namespace ExchangeLb.Cluster.Tests.Engine.Corosync;

[SupportedOSPlatform("linux")]
public sealed class ClusterKeyTests : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly string _folder = Directory.CreateTempSubdirectory("exchangelb-key-").FullName;

    private string KeyPath => Path.Combine(_folder, "cluster.key");

    [Fact]
    public void A_new_key_is_of_256_bytes_for_its_owner_alone_and_can_be_used()
    {
        string? failure = ClusterKey.Create(KeyPath);

        Assert.Null(failure);
        Assert.Equal((256, OwnerOnly), (File.ReadAllBytes(KeyPath).Length, File.GetUnixFileMode(KeyPath)));
        Assert.Null(ClusterKey.Problem(KeyPath));
        Assert.Equal([KeyPath], Directory.GetFiles(_folder));
    }

    [Fact]
    public void Two_new_keys_differ()
    {
        ClusterKey.Create(KeyPath);
        ClusterKey.Create(KeyPath + "2");

        Assert.False(File.ReadAllBytes(KeyPath).SequenceEqual(File.ReadAllBytes(KeyPath + "2")));
    }

    [Fact]
    public void A_key_that_exists_is_left_as_it_is()
    {
        Write(200, OwnerOnly);

        string? failure = ClusterKey.Create(KeyPath);

        Assert.StartsWith($"key-file {KeyPath} is there already, and is another one", failure, System.StringComparison.Ordinal);
        Assert.Equal(200, File.ReadAllBytes(KeyPath).Length);
        Assert.Single(Directory.GetFiles(_folder));
    }

    [Fact]
    public void A_key_that_is_not_there_is_told_how_to_be_made() =>
        Assert.Contains($"key-file {KeyPath} is not there: make it once", ClusterKey.Problem(KeyPath), StringComparison.Ordinal);

    [Theory]
    [InlineData(127, "at least 128")]
    [InlineData(4097, "at most 4096")]
    public void A_key_of_a_wrong_length_is_refused(int bytes, string expected)
    {
        Write(bytes, OwnerOnly);

        Assert.Contains(expected, ClusterKey.Problem(KeyPath), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(UnixFileMode.GroupRead)]
    [InlineData(UnixFileMode.OtherRead)]
    [InlineData(UnixFileMode.OtherWrite)]
    public void A_key_that_others_can_use_is_refused(UnixFileMode more)
    {
        Write(256, OwnerOnly | more);

        Assert.Contains($"chmod 600 {KeyPath}", ClusterKey.Problem(KeyPath), StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private void Write(int bytes, UnixFileMode mode)
    {
        File.WriteAllBytes(KeyPath, new byte[bytes]);
        File.SetUnixFileMode(KeyPath, mode);
    }
}
