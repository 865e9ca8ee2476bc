using System.Collections.Generic;
using System.IO;
using System.Linq;
using ExchangeLb.DrillClient.Streams;

namespace ExchangeLb.DrillClient.Reporting;

/// <summary>The table of a record: one row a drill and balancer, in the order of the marks.</summary>
internal static class MarkdownReport
{
    /// <returns>0: every mark was reached; 1: some were missed.</returns>
    internal static int Write(string recordPath, TextWriter to)
    {
        IReadOnlyList<Trial> all = Trial.ReadAll(recordPath);
        List<(DrillMark Mark, List<Trial> Trials)> rows =
        [
            .. from mark in DrillMark.All
               from trials in all.Where(trial => trial.Drill == mark.Drill).GroupBy(trial => trial.Balancer)
               where LeaseOf(trials.Key) == mark.Lease
               select (mark, trials.ToList()),
        ];
        to.WriteLine("| drill | balancer | trials | outage, ms | mark | failed connections | worst connect, ms | established broken | two owners | stickiness lost | |");
        to.WriteLine("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
        int missed = 0;
        foreach ((DrillMark mark, List<Trial> trials) in rows)
        {
            IReadOnlyList<string> misses = mark.Judge(trials);
            if (misses.Count > 0) { missed++; }
            to.WriteLine($"| {mark.Drill} | {trials[0].Balancer} | {trials.Count} | {Statistics.MedianAndWorst(trials.Select(DrillMark.OutageMs))} | {mark.Text} "
                + $"| {Statistics.MedianAndWorst(trials.Select(trial => (double)trial.Seen.Failed))} | {Statistics.MedianAndWorst(trials.Select(trial => trial.Seen.WorstConnectMs))} "
                + $"| {trials.Sum(trial => trial.Broken)} of {trials.Sum(trial => trial.Seen.LongLived.Chatting + trial.Seen.LongLived.Quiet)} "
                + $"| {trials.Count(trial => trial.TwoOwners > 0)} of {trials.Count} | {trials.Count(trial => trial.Seen.Unstuck > 0)} of {trials.Count} "
                + $"| {(misses.Count == 0 ? "PASS" : "MISS: " + string.Join("; ", misses))} |");
        }
        WriteStreams([.. rows.Select(row => row.Trials.Where(trial => trial.Streams is not null).ToList()).Where(trials => trials.Count > 0)], to);
        return missed == 0 ? 0 : 1;
    }

    private static void WriteStreams(List<List<Trial>> rows, TextWriter to)
    {
        if (rows.Count == 0) { return; }
        to.WriteLine();
        to.WriteLine("| connections through a drill | balancer | trials | opened | lived | of quiet ones | ended by the network | the last, ms after the fault | hung | wrong bytes | longest stall, ms | of downloads, ms | of slow readers, ms |");
        to.WriteLine("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
        foreach (List<Trial> trials in rows)
        {
            List<StreamFigures> streams = [.. trials.Select(trial => trial.Streams!)];
            List<double> slow = [.. streams.Select(seen => (double?)seen.SlowStallMs).OfType<double>()];
            to.WriteLine($"| {trials[0].Drill} | {trials[0].Balancer} | {trials.Count} | {streams.Sum(seen => seen.Opened)} | {streams.Sum(seen => seen.Lived)} "
                + $"| {streams.Sum(seen => seen.QuietLived)} of {streams.Sum(seen => seen.Quiet)} | {streams.Sum(seen => seen.Ended)} | {Statistics.MedianAndWorst(streams.Select(seen => (double)seen.LastEndMs))} | {streams.Sum(seen => seen.Hung)} | {streams.Sum(seen => seen.Wrong)} "
                + $"| {Statistics.MedianAndWorst(streams.Select(seen => (double)seen.StallMs))} | {Statistics.MedianAndWorst(streams.Select(seen => (double)seen.BulkStallMs))} | {(slow.Count == 0 ? "-" : Statistics.MedianAndWorst(slow))} |");
        }
    }

    private static string? LeaseOf(string balancer) => balancer.Split(" lease ") is [_, var lease] ? lease : null;
}
