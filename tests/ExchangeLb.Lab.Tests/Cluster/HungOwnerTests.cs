using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using ExchangeLb.Lab.Tests.World;
using Xunit;

namespace ExchangeLb.Lab.Tests.Cluster;

public sealed class HangingPair() : PairLab(null);

/// <summary>A balancer that hangs while its host lives: the kernel goes on shaking hands for it.</summary>
public sealed class HungOwnerTests(HangingPair pair) : IClassFixture<HangingPair>
{
    private const string Vip = "192.168.200.25";
    private const int NothingCame = 28, Reset = 56;
    private const int Attempts = 3;

    /// <summary>Of the client's connection the former owner's kernel alone knows, and its guard kills the process once another node is owner: it is to be told all the same.</summary>
    [LabFact]
    public void A_client_who_is_let_in_by_the_kernel_alone_is_reset()
    {
        pair.BringUp();
        List<int> codes = [];
        for (int attempt = 0; attempt < Attempts && !codes.Contains(Reset); attempt++)
        {
            codes.AddRange(ComeWhileOwnerHangs());
            Command.Outcome healed = pair.Lab("heal");
            Assert.True(healed.ExitCode == 0, healed.Output + healed.Errors);
        }

        Assert.True(codes.Contains(Reset) && !codes.Contains(NothingCame), $"curl ended with {string.Join(", ", codes)}\n{pair.Log()}");
    }

    /// <summary>The resets of these stay behind the fence, whatever ends them: another node goes on with them.</summary>
    [LabFact]
    public void A_connection_that_was_accepted_bears_no_mark()
    {
        pair.BringUp();
        string inOwner = string.Join(' ', pair.In(Owner()));

        string seen = Command.Run("ip", [.. pair.In("client"), "timeout", "20", "bash", "-c",
            $"exec 3<>/dev/tcp/{Vip}/443; ip {inOwner} ss -tanHOe 'sport = :443'; until ip {inOwner} ss -tanHOe state established 'sport = :443' | grep -v -e 'ino:0 ' -e fwmark; do :; done"]);

        string[] sockets = seen.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.All(sockets.Where(socket => socket.StartsWith("LISTEN", StringComparison.Ordinal)), listener => Assert.Contains("fwmark:0x1000000", listener, StringComparison.Ordinal));
        Assert.Contains(sockets, socket => socket.StartsWith("LISTEN", StringComparison.Ordinal));
        Assert.True(sockets[^1].Contains("ino:", StringComparison.Ordinal) && !sockets[^1].StartsWith("LISTEN", StringComparison.Ordinal), seen);     // what lost its mark within 20 s
    }

    private string Owner() =>
        new[] { "lb1", "lb2" }.Single(node => Command.Run("ip", [.. pair.In(node), "ip", "-brief", "address"]).Contains(Vip + "/", StringComparison.Ordinal));

    /// <summary>All at once, and without a program that has to start before: they have a lease's time. Later ones reach the next owner.</summary>
    private IEnumerable<int> ComeWhileOwnerHangs()
    {
        string process = File.ReadAllText(Path.Combine(pair.State, Owner() + ".pid")).Split(' ')[0];
        string mark = Path.Combine(pair.State, $"hangs-{process}");
        string came = Command.Run("ip", [.. pair.In("client"), "bash", "-c",
            $"for i in 1 2 3 4 5; do (until [ -e {mark} ]; do :; done; curl -so /dev/null --noproxy '*' --max-time 10 http://{Vip}/; echo $?) & done; kill -STOP {process}; touch {mark}; wait"]);
        return came.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse);
    }
}
