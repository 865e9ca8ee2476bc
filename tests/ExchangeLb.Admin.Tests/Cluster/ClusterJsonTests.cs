using System.Collections.Generic;
using System.Linq;
using System.Text;
using ExchangeLb.Admin.Cluster;
using ExchangeLb.Admin.Tests.Fakes;
using ExchangeLb.Core.Runtime;
using Xunit;

namespace ExchangeLb.Admin.Tests.Cluster;

public sealed class ClusterJsonTests
{
    public static TheoryData<string> Scenes => ["pair", "drifted", "gone", "dark"];

    [Theory]
    [MemberData(nameof(Scenes))]
    public void What_was_written_is_read_as_it_was(string scene)
    {
        byte[] json = ClusterJson.Write(Scene(scene));

        ClusterSnapshot? read = ClusterJson.Read(json);

        Assert.Equal(json, ClusterJson.Write(read!));
        Assert.Equal(Scene(scene).Vips.AsEnumerable(), read!.Vips);
        Assert.Equal(Scene(scene).Events.AsEnumerable(), read.Events);
    }

    [Fact]
    public void Times_are_milliseconds_and_say_so_and_states_are_words()
    {
        string json = Encoding.UTF8.GetString(ClusterJson.Write(ClusterScene.Pair()));

        Assert.Contains("\"leaseMs\":400", json);
        Assert.Contains("\"leaseRemainingMs\":362.5", json);
        Assert.Contains("\"lagMs\":1.4", json);
        Assert.Contains("\"role\":\"Owner\"", json);
        Assert.Contains("\"failoverObstacles\":[]", json);
    }

    /// <summary>A pair is upgraded one node after the other, so the two ends may be of different versions.</summary>
    [Fact]
    public void What_is_missing_is_the_default_and_what_is_unknown_is_skipped()
    {
        ClusterSnapshot? read = ClusterJson.Read("""{"self":"lb1","later":{"x":[1]},"nodes":[{"name":"lb1","id":7}],"vips":[{"address":"a","device":"b"}]}"""u8);

        Assert.Equal(("lb1", "", 0), (read!.Self, read.Cluster, read.Events.Length));
        Assert.Equal(("lb1", 7u, "", 0), (read.Nodes[0].Name, read.Nodes[0].Id, read.Nodes[0].Unfit, read.Nodes[0].Links.Length));
        Assert.Equal((VipRole.Backup, null), (read.Vips[0].Role, read.Vips[0].LeaseRemaining));
        Assert.False(read.Engine.Connected);
        Assert.Empty(read.Replication.Teaching);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Permission denied")]
    [InlineData("{\"leaseMs\":1e300}")]
    [InlineData("{\"nodes\":7}")]
    public void What_is_no_such_json_is_nothing(string text) => Assert.Null(ClusterJson.Read(Encoding.UTF8.GetBytes(text)));

    private static ClusterSnapshot Scene(string name) => new Dictionary<string, ClusterSnapshot>
    {
        ["pair"] = ClusterScene.Pair(),
        ["drifted"] = ClusterScene.Drifted(),
        ["gone"] = ClusterScene.PeerGone(),
        ["dark"] = ClusterScene.Dark(),
    }[name];
}
