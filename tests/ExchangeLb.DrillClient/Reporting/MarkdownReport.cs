using System.Collections.Generic;
using System.IO;
using System.Linq;

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
        return missed == 0 ? 0 : 1;
    }

    private static string? LeaseOf(string balancer) => balancer.Split(" lease ") is [_, var lease] ? lease : null;
}
