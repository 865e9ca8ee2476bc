using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using ExchangeLb.DrillClient.Figures;
using ExchangeLb.DrillClient.Streams;

namespace ExchangeLb.DrillClient.Reporting;

/// <summary>One line of a record: what was broken, who balanced, what the client saw.</summary>
/// <param name="Number">1 and up within one call of the lab's `failover`.</param>
/// <param name="Balancer">"ExchangeLb", "ExchangeLb lease 60ms", "keepalived 1s".</param>
/// <param name="Owner">The node that had the virtual IP before the fault.</param>
/// <param name="Streams">Null: the lab ran without them.</param>
internal sealed record Trial(string Drill, int Number, string Balancer, string Owner, DrillReport Seen, StreamFigures? Streams = null)
{
    internal static IReadOnlyList<Trial> ReadAll(string path) =>
        [.. File.ReadLines(path).Where(line => line.Length > 0).Select(line => JsonSerializer.Deserialize<Trial>(line)!)];

    /// <summary>The part of the trial that began with this mark; null: there was none.</summary>
    internal MarkFigures? Part(string mark) => Seen.Marks.FirstOrDefault(part => part.Name == mark);

    internal int Broken => Seen.LongLived.ChattingBroken + Seen.LongLived.QuietBroken;

    /// <summary>
    /// Moments with two owners while the service network was connected. After the heal of a full partition both halves may claim the address
    /// for up to a second: that is judged by the time until it is settled.
    /// </summary>
    internal int TwoOwners => Drill == "partition" ? Part("fault")?.Interleaved ?? 0 : Seen.Interleaved;
}
