using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;

namespace ExchangeLb.DrillClient.Streams;

/// <summary>So many streams of all kinds at once, until "end" is read; then what became of them, as one line of JSON and, on standard error, for people.</summary>
internal static class StreamDrill
{
    private const int Measured = 0;
    private const int NotOpened = 3;

    internal static int Run(Options options)
    {
        StreamKind[] kinds = Enum.GetValues<StreamKind>();
        List<LiveStream> streams = [.. Enumerable.Range(0, options.Streams).Select(number => new LiveStream(kinds[number % kinds.Length], number + 1, options))];
        try
        {
            Task.WaitAll([.. streams.Select(stream => stream.Open())]);
        }
        catch (AggregateException failure) when (failure.InnerExceptions.All(inner => inner is SocketException or IOException or AuthenticationException or OperationCanceledException))
        {
            Console.Error.WriteLine($"drillclient: a stream could not be opened: {failure.InnerExceptions[0].Message}");
            return NotOpened;
        }
        using CancellationTokenSource stop = new();
        Task[] lives = [.. streams.Select(stream => stream.Live(stop.Token))];
        Console.Out.WriteLine("ready");
        Console.Out.Flush();
        while (Console.In.ReadLine() is { } line && line.Trim() != "end")
        {
            // Moments are told to every kind of client; this one has no use for them.
        }
        stop.Cancel();
        Task.WaitAll(lives);
        StreamFigures figures = StreamFigures.Of(streams);
        Console.Out.WriteLine(JsonSerializer.Serialize(figures));
        Console.Error.WriteLine(figures.ForPeople());
        streams.ForEach(stream => stream.Dispose());
        return Measured;
    }
}

/// <param name="StallMs">The longest, of those that talk.</param>
/// <param name="BulkStallMs">The longest of downloads, which includes TCP's own repetitions.</param>
internal sealed record StreamFigures(int Opened, int Lived, int Ended, int Hung, int Wrong, int StallMs, int BulkStallMs, IReadOnlyList<string> Reasons)
{
    internal static StreamFigures Of(IReadOnlyList<LiveStream> streams)
    {
        return new StreamFigures(
            streams.Count, Count(StreamFate.Lived), Count(StreamFate.Ended), Count(StreamFate.Hung), Count(StreamFate.Wrong),
            Longest(streams.Where(stream => !IsBulk(stream))), Longest(streams.Where(IsBulk)),
            [.. streams.Where(stream => stream.Fate != StreamFate.Lived).Select(stream => $"{stream.Kind}: {stream.Why}").Distinct().Take(5)]);

        int Count(StreamFate fate) => streams.Count(stream => stream.Fate == fate);

        static bool IsBulk(LiveStream stream) => stream.Kind is StreamKind.Download or StreamKind.ClientEnded;
    }

    internal string ForPeople() =>
        $"{Lived} of {Opened} streams lived; {Ended} were ended, {Hung} hung, {Wrong} carried wrong bytes; longest stall {StallMs} ms, of bulk {BulkStallMs} ms"
        + string.Concat(Reasons.Select(reason => $"; {reason}"));

    private static int Longest(IEnumerable<LiveStream> streams) => (int)streams.Select(stream => stream.LongestStall.TotalMilliseconds).DefaultIfEmpty(0).Max();
}
