using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Threading;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Cluster.Engine.Corosync;
using Xunit;
using Xunit.Abstractions;

namespace ExchangeLb.Cluster.Tests.Engine.Corosync;

/// <summary>Two nodes with the times that the default lease gives.</summary>
[Collection(nameof(NamespacePair))]
[Trait("needs", "root")]
public sealed class CorosyncPairTests : IDisposable
{
    private const int Trials = 3;
    private static readonly NodeId A = new(1);
    private static readonly NodeId B = new(2);

    private readonly NamespacePair _pair;
    private readonly ITestOutputHelper _output;
    private readonly CorosyncWorld _world;
    private readonly Listener _heardA = new();
    private readonly Listener _heardB = new();
    private CorosyncEngine _engineB;

    public CorosyncPairTests(NamespacePair pair, ITestOutputHelper output)
    {
        CorosyncNamespaces.Require();
        (_pair, _output) = (pair, output);
        _world = new CorosyncWorld(pair);
        _world.Start(A, _heardA);
        _engineB = _world.Start(B, _heardB);
        Together();
    }

    [Fact]
    public void The_cut_of_either_network_alone_changes_no_view()
    {
        int before = _heardA.Views.Count;

        for (int link = 0; link < 2; link++)
        {
            _pair.Cut(B, link);
            // Longer than Corosync's own patience with a link that is silent: 1 s.
            bool changed = SpinWait.SpinUntil(() => _heardA.Views.Count > before, TimeSpan.FromMilliseconds(1300));
            _pair.Mend(B, link);
            Assert.False(changed, $"link {link}");
            changed = SpinWait.SpinUntil(() => _heardA.Views.Count > before, TimeSpan.FromMilliseconds(1300));
            Assert.False(changed, $"link {link}, mended");
        }
    }

    [Fact]
    public void Of_two_that_are_cut_off_from_each_other_each_is_alone_and_quorate_until_they_meet_again()
    {
        _world.Isolate(B);

        Assert.True(_world.Until(() => _heardA.Sees(QuorumVerdict.Quorate, A) && _heardB.Sees(QuorumVerdict.Quorate, B)));
        _world.Reconnect(B);
        Together();
    }

    [Fact]
    public void A_node_that_sees_no_peer_is_quorate_alone_within_three_seconds_of_its_start()
    {
        _world.Isolate(B);
        Assert.True(_world.Until(() => _heardA.Sees(QuorumVerdict.Quorate, A)));
        int before = _heardA.Views.Count;

        long start = Stopwatch.GetTimestamp();
        _pair.SignalCorosync("KILL", A);

        Assert.True(_world.Until(() => _heardA.Views.Count > before && _heardA.Sees(QuorumVerdict.Quorate, A)));
        Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.Zero, TimeSpan.FromSeconds(3));
    }

    [Fact]
    public void A_lost_node_is_reported_within_the_time_that_the_lease_is_reckoned_from()
    {
        TimeSpan cut = Median("both networks cut", () => _world.Isolate(B), () => _world.Reconnect(B));
        TimeSpan killed = Median("Corosync killed", () => _pair.SignalCorosync("KILL", B), () => { });

        // What the host's other work may add; the bound itself is measured, not wished.
        TimeSpan bound = _pair.Model.Timings.Detection + TimeSpan.FromMilliseconds(60);
        Assert.InRange(cut, TimeSpan.Zero, bound);
        Assert.InRange(killed, TimeSpan.Zero, bound);
    }

    [Fact]
    public void A_balancer_that_leaves_is_reported_at_once()
    {
        TimeSpan left = Median("engine left", () => _engineB.Dispose(), () => _engineB = _world.Start(B, _heardB));

        Assert.InRange(left, TimeSpan.Zero, TimeSpan.FromMilliseconds(100));
    }

    public void Dispose() => _world.Dispose();

    private void Together() => Assert.True(
        _world.Until(() => _heardA.Sees(QuorumVerdict.Quorate, A, B) && _heardB.Sees(QuorumVerdict.Quorate, A, B)), "the pair did not come together");

    /// <summary>From the accident to the view without B at A, and from that to its verdict.</summary>
    private TimeSpan Median(string accident, Action happen, Action mend)
    {
        List<TimeSpan> took = [];
        List<TimeSpan> judged = [];
        for (int trial = 0; trial < Trials; trial++)
        {
            int before = _heardA.Views.Count;
            long start = Stopwatch.GetTimestamp();
            happen();
            Assert.True(_world.Until(() => _heardA.Sees(QuorumVerdict.Quorate, A)), accident);
            (long At, ClusterView View)[] since = [.. _heardA.Views.Skip(before)];
            long alone = since.First(entry => entry.View.Members.Length == 1).At;
            took.Add(Stopwatch.GetElapsedTime(start, alone));
            judged.Add(Stopwatch.GetElapsedTime(alone, since.First(entry => entry.View.Members.Length == 1 && entry.View.Quorum == QuorumVerdict.Quorate).At));
            mend();
            Together();
        }
        took.Sort();
        judged.Sort();
        _output.WriteLine($"{accident}: seen after {took[Trials / 2].TotalMilliseconds:F0} ms (worst {took[^1].TotalMilliseconds:F0}), verdict {judged[Trials / 2].TotalMilliseconds:F1} ms later (worst {judged[^1].TotalMilliseconds:F1})");
        return took[Trials / 2];
    }
}
