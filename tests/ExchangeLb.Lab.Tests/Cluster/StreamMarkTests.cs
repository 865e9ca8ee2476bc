using System;
using System.IO;
using ExchangeLb.DrillClient.Figures;
using ExchangeLb.DrillClient.Reporting;
using ExchangeLb.DrillClient.Streams;
using Xunit;

namespace ExchangeLb.Lab.Tests.Cluster;

/// <summary>How the drills judge what became of established connections, and how they report it.</summary>
public sealed class StreamMarkTests
{
    private static readonly StreamFigures AllWell = new(Opened: 10, Lived: 10, Ended: 0, Hung: 0, Wrong: 0, StallMs: 300, BulkStallMs: 600, Reasons: [], Quiet: 1, QuietLived: 1);

    [Fact]
    public void A_planned_move_keeps_all_connections_and_none_stands_still_for_long()
    {
        Assert.Empty(StreamMark.Misses("switchover", [Of(AllWell with { SlowStallMs = 600 })]));
        Assert.Equal(["a connection stood still for 301 ms"], StreamMark.Misses("switchover", [Of(AllWell), Of(AllWell with { StallMs = 301 })]));
        Assert.Equal(["a download stood still for 601 ms"], StreamMark.Misses("switchover", [Of(AllWell with { BulkStallMs = 601 })]));
        Assert.Equal(["2 connections were lost"], StreamMark.Misses("switchover", [Of(AllWell with { Lived = 8, Ended = 2 })]));
    }

    [Fact]
    public void A_slow_reader_has_the_mark_of_downloads()
    {
        Assert.Equal(["a download to a slow reader stood still for 601 ms"], StreamMark.Misses("switchover", [Of(AllWell with { SlowStallMs = 600 }), Of(AllWell with { SlowStallMs = 601 })]));
        Assert.Empty(StreamMark.Breaches("switchover", [Of(AllWell with { SlowStallMs = 601 })]));
        Assert.Empty(StreamMark.Misses("process", [Of(AllWell with { SlowStallMs = 5000 })]));
    }

    [Fact]
    public void After_a_crash_those_that_were_active_are_reset_soon_and_none_hangs()
    {
        StreamFigures reset = AllWell with { Lived = 1, Ended = 9, LastEndMs = 2100, SlowStallMs = 5 };

        Assert.Empty(StreamMark.Misses("process", [Of(reset)]));
        Assert.Equal(["a connection was reset 2001 ms after the takeover"], StreamMark.Misses("process", [Of(reset with { LastEndMs = 2101 })]));
        Assert.Equal(["1 connections hung"], StreamMark.Misses("process", [Of(reset with { Ended = 8, Hung = 1 })]));
        Assert.Equal(["1 quiet connections were lost"], StreamMark.Misses("process", [Of(reset with { QuietLived = 0 })]));
    }

    [Fact]
    public void A_record_from_before_there_were_slow_readers_is_read_and_reported()
    {
        string old = """
            {"Drill":"switchover","Number":1,"Balancer":"ExchangeLb","Owner":"lb1","Seen":{"OutageMs":60,"Moves":1},"Streams":{"Opened":198,"Lived":198,"Ended":0,"Hung":0,"Wrong":0,"StallMs":120,"BulkStallMs":130,"Reasons":[],"Quiet":22,"QuietLived":22,"LastEndMs":0}}
            """;
        string today = old.Replace("\"LastEndMs\":0", "\"LastEndMs\":0,\"SlowStallMs\":240", StringComparison.Ordinal);

        Assert.EndsWith("| 120 / 120 | 130 / 130 | - |", LastLine(Report(old)), StringComparison.Ordinal);
        Assert.EndsWith("| 120 / 120 | 130 / 130 | 240 / 240 |", LastLine(Report(old + today)), StringComparison.Ordinal);
    }

    private static string Report(string record)
    {
        string path = Path.GetTempFileName();
        File.WriteAllText(path, record.Replace("}}{", "}}\n{", StringComparison.Ordinal));
        using StringWriter report = new();
        MarkdownReport.Write(path, report);
        File.Delete(path);
        return report.ToString();
    }

    private static string LastLine(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1].Trim();

    private static Trial Of(StreamFigures streams) => new("switchover", 1, "ExchangeLb", "lb1", new DrillReport { OutageMs = 100, Moves = 1 }, streams);
}
