using System.Linq;
using System.Net;
using ExchangeLb.Core.Balance;
using ExchangeLb.Core.Model;
using Xunit;

namespace ExchangeLb.Core.Tests.Balance;

public sealed class EffectiveWeightsTests
{
    /// <summary>Four servers, the last two backups, weights 10, 20, 30, 40. A dash is an unusable server, 0 one of weight 0.</summary>
    [Theory]
    [InlineData("++++", false, "10 20 0 0", 2, 2)]
    [InlineData("-+++", false, "0 20 0 0", 1, 2)]
    [InlineData("--++", false, "0 0 30 0", 0, 2)]
    [InlineData("--++", true, "0 0 30 40", 0, 2)]
    [InlineData("---+", false, "0 0 0 40", 0, 1)]
    [InlineData("00++", false, "0 0 30 0", 0, 2)]
    [InlineData("--0+", false, "0 0 0 40", 0, 1)]
    [InlineData("----", true, "0 0 0 0", 0, 0)]
    public void Backup_servers_serve_only_when_no_active_one_can(string standing, bool allBackups, string weights, int active, int backup)
    {
        BackendModel backend = new(1, "b")
        {
            AllBackups = allBackups,
            Servers = [.. Enumerable.Range(1, 4).Select(i => new ServerModel(i, $"s{i}", IPAddress.Loopback, default) { Backup = i > 2 })],
        };
        ServerStanding[] standings = [.. standing.Select((mark, i) => new ServerStanding(mark != '-', mark == '0' ? 0 : 10 * (i + 1)))];
        int[] result = new int[4];

        UsableServers usable = EffectiveWeights.Fill(backend, standings, result);

        Assert.Equal(weights, string.Join(' ', result));
        Assert.Equal((active, backup), (usable.Active, usable.Backup));
        Assert.Equal(result.Count(weight => weight > 0), usable.Balanced);
    }
}
