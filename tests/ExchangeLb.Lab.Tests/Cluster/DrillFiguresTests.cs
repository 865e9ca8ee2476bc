using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using ExchangeLb.DrillClient.Figures;
using ExchangeLb.DrillClient.Reporting;
using ExchangeLb.DrillClient.Watching;
using Xunit;

namespace ExchangeLb.Lab.Tests.Cluster;

/// <summary>What the drills' client makes of what it saw.</summary>
public sealed class DrillFiguresTests
{
    private static readonly byte[] Address = [192, 168, 200, 25];

    [Fact]
    public void An_outage_is_the_longest_time_without_a_finished_handshake()
    {
        Probe[] probes = [Served(0), Served(10_000), Lost(20_000), Served(30_000, took: 300_000), Served(200_000), Served(210_000), Served(340_000)];

        Outage outage = Outage.Longest(probes, 0, 350_000);

        Assert.Equal(new Outage(12_000, 202_000), outage);
    }

    [Fact]
    public void A_service_that_never_comes_back_is_dark_to_the_end() =>
        Assert.Equal(new Outage(2_000, 900_000), Outage.Longest([Served(0), Lost(10_000)], 0, 900_000));

    [Fact]
    public void One_frame_of_the_old_owner_among_those_of_the_new_one_is_a_second_owner()
    {
        OwnerHistory clean = History(("lb1", 0), ("lb1", 100), ("lb2", 500), ("lb2", 600));
        OwnerHistory stray = History(("lb1", 0), ("lb1", 100), ("lb2", 500), ("lb1", 505), ("lb2", 506), ("lb2", 900));

        Assert.Equal((1, 0), (clean.Moves, clean.Interleaved.Count()));
        Assert.Equal((3, 1), (stray.Moves, stray.Interleaved.Count(run => run.Node == "lb1")));
    }

    [Fact]
    public void A_move_and_a_move_back_are_two_moves_and_no_second_owner()
    {
        OwnerHistory history = History(("lb1", 0), ("lb2", 500), ("lb2", 900), ("lb1", 1_400), ("lb1", 1_500));

        Assert.Equal(2, history.Moves);
        Assert.Empty(history.Interleaved);
        Assert.Equal(1_400_000, history.LastMoveAfter(600_000));
    }

    /// <summary>As with a lease of 60 ms on a machine that is too busy for it.</summary>
    [Fact]
    public void A_short_tenure_with_silence_around_it_is_no_second_owner() =>
        Assert.Empty(History(("lb1", 0), ("lb1", 100), ("lb2", 170), ("lb2", 190), ("lb1", 260), ("lb1", 400)).Interleaved);

    [Fact]
    public void Neighbour_discovery_tells_who_speaks_for_an_address()
    {
        IPAddress address = IPAddress.Parse("fd00:200::25");
        byte[] bytes = address.GetAddressBytes();
        byte[] question = Frames.Question([2, 0, 0, 0, 0, 9], IPAddress.Parse("fd00:200::fa"), address);
        byte[] announcement = [.. question];
        (announcement[54], announcement[5]) = (136, 1);                    // an advertisement of the same target, to a group
        byte[] answer = [.. announcement];
        answer[0] = 2;                                                     // to one host
        byte[] ofAnother = [.. announcement];
        ofAnother[77] ^= 1;
        byte[] data = [.. question];
        bytes.CopyTo(data, 22);

        Assert.Equal([0x33, 0x33, 0xff, 0, 0, 0x25], question[..6]);
        Assert.Equal(Claim.None, Frames.ClaimOf(question, bytes));
        Assert.Equal(Claim.Announces, Frames.ClaimOf(announcement, bytes));
        Assert.Equal(Claim.Speaks, Frames.ClaimOf(answer, bytes));
        Assert.Equal(Claim.None, Frames.ClaimOf(ofAnother, bytes));
        Assert.Equal(Claim.Speaks, Frames.ClaimOf(data, bytes));
    }

    [Fact]
    public void An_ARP_question_claims_nothing_and_an_answer_does()
    {
        byte[] question = Frames.Question([2, 0, 0, 0, 0, 9], IPAddress.Parse("192.168.200.250"), new IPAddress(Address));
        byte[] announcement = Frames.Question([2, 0, 0, 0, 0, 1], new IPAddress(Address), new IPAddress(Address));
        byte[] answer = [.. announcement];
        answer.AsSpan(0, 6).Fill(2);

        Assert.Equal(Claim.None, Frames.ClaimOf(question, Address));
        Assert.Equal(Claim.Announces, Frames.ClaimOf(announcement, Address));
        Assert.Equal(Claim.Speaks, Frames.ClaimOf(answer, Address));
    }

    [Fact]
    public void A_report_counts_what_failed_who_changed_the_server_and_what_came_after_each_mark()
    {
        Probe[] probes = [Served(0), Served(10_000), Lost(20_000), Served(300_000, server: "exchange2"), Served(310_000, server: "exchange2")];

        DrillReport report = DrillReport.Of(probes, [new("fault", 15_000), new("healed", 305_000)], new LongLivedFigures(3, 1, 3, 0), OwnerHistory.None, TimeSpan.FromMilliseconds(10));

        Assert.Equal((5, 1, 290.0), (report.Attempts, report.Failed, report.OutageMs));
        Assert.Equal((1, 1), (report.Sources, report.Unstuck));
        Assert.Equal([287.0, 7.0], report.Marks.Select(mark => mark.OutageMs));
    }

    [Fact]
    public void Waits_for_a_processor_are_told_as_far_as_they_lie_in_the_outage()
    {
        ProcessorWait[] waits = [new(0, 10_000, 10_000), new(20_000, 40_000, 5_000), new(90_000, 130_000, 30_000)];

        Assert.Equal(5_000 + 10_000, ProcessorWait.Within(waits, 20_000, 100_000));
        Assert.Equal(0, ProcessorWait.Within(waits, 50_000, 80_000));
        Assert.Equal(8_000, ProcessorWait.Within([.. waits, .. waits], 2_000, 10_000));
    }

    [Fact]
    public void An_outage_is_a_clear_breach_only_without_them()
    {
        DrillMark process = DrillMark.All.Single(mark => mark is { Drill: "process", Lease: null });

        Assert.Equal(["worst, without waits for a processor, 1001 ms"], process.Breaches([Trial(60), Trial(1301, waitedMs: 300)]));
        Assert.Empty(process.Breaches([Trial(60), Trial(1301, waitedMs: 301)]));
        Assert.Equal(["two owners at once in 1 of 1 trials"], process.Breaches([Trial(1301, interleaved: 1, waitedMs: 1301)]));
    }

    [Fact]
    public void A_mark_is_missed_by_the_median_by_the_worst_and_by_a_second_owner()
    {
        DrillMark process = DrillMark.All.Single(mark => mark is { Drill: "process", Lease: null });

        Assert.Empty(process.Judge([Trial(60), Trial(70), Trial(190)]));
        Assert.Equal(["median 100 ms"], process.Judge([Trial(100), Trial(100), Trial(60)]));
        Assert.Equal(["worst 201 ms"], process.Judge([Trial(60), Trial(60), Trial(201)]));
        Assert.Equal(["two owners at once in 1 of 1 trials"], process.Judge([Trial(60, interleaved: 2)]));
        Assert.Equal(["no trial"], process.Judge([]));
    }

    private static Trial Trial(double outageMs, int interleaved = 0, double waitedMs = 0) =>
        new("process", 1, "ExchangeLb", "lb1", new DrillReport { OutageMs = outageMs, WaitedMs = waitedMs, Moves = 1, Interleaved = interleaved });

    private static Probe Served(long startUs, long took = 2_000, string server = "exchange1") =>
        new(startUs, startUs + 500, startUs + took, startUs + took + 500, ProbeResult.Served, 110, server);

    private static Probe Lost(long startUs) => new(startUs, 0, 0, startUs + 2_000_000, ProbeResult.TimedOut, 110, null);

    private static OwnerHistory History(params (string Node, int AtMs)[] frames)
    {
        OwnerRuns runs = new();
        foreach ((string node, int atMs) in frames) { runs.Add(node, atMs * 1000L, announcement: false); }
        return runs.History;
    }
}
