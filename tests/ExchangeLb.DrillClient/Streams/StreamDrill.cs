using System;
using System.Collections.Generic;
using System.Diagnostics;
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

    /// <summary>Streams that are being opened at a time: all of some thousands at once overflow the accept queues of balancer and server, and TCP then takes seconds.</summary>
    private const int AtOnce = 64;

    internal static int Run(Options options)
    {
        StreamKind[] kinds = options.Kind is { } only ? [only] : Enum.GetValues<StreamKind>();
        List<LiveStream> streams = [.. Enumerable.Range(0, options.Streams).Select(number => new LiveStream(kinds[number % kinds.Length], number + 1, options))];
        try
        {
            OpenAll(streams).Wait();
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
        long fault = 0;
        while (Console.In.ReadLine() is { } line && line.Trim() != "end")
        {
            if (fault == 0 && line.StartsWith("mark ", StringComparison.Ordinal)) { fault = Stopwatch.GetTimestamp(); }
        }
        stop.Cancel();
        Task.WaitAll(lives);
        StreamFigures figures = StreamFigures.Of(streams, fault);
        if (options.Log is { } log) { File.WriteAllLines(log, streams.Select(stream => LogLine(stream, fault)).Prepend("kind,fate,progress_ms,end_ms")); }
        Console.Out.WriteLine(JsonSerializer.Serialize(figures));
        Console.Error.WriteLine(figures.ForPeople());
        streams.ForEach(stream => stream.Dispose());
        return Measured;
    }

    private static async Task OpenAll(IReadOnlyList<LiveStream> streams)
    {
        using SemaphoreSlim room = new(AtOnce);
        bool failed = false;
        await Task.WhenAll(streams.Select(OpenInTurn)).ConfigureAwait(false);

        async Task OpenInTurn(LiveStream stream)
        {
            await room.WaitAsync().ConfigureAwait(false);
            bool opens = false;
            try
            {
                if (!failed) { await stream.Open().ConfigureAwait(false); }
                opens = true;
            }
            finally
            {
                failed |= !opens;
                room.Release();
            }
        }
    }

    /// <summary>Milliseconds since the fault: when something last came, and when the end was known. An upload hears nothing: it is taken to work until the fault.</summary>
    private static string LogLine(LiveStream stream, long fault) => FormattableString.Invariant(
        $"{stream.Kind},{stream.Fate},{Math.Max(0, (int)Stopwatch.GetElapsedTime(fault, Math.Max(fault, stream.ProgressAt)).TotalMilliseconds)},{(int)Stopwatch.GetElapsedTime(fault, stream.EndedAt).TotalMilliseconds}");
}

/// <param name="StallMs">The longest, of those that talk.</param>
/// <param name="BulkStallMs">The longest of downloads, which includes TCP's own repetitions.</param>
/// <param name="Quiet">Opened long polls: nothing passed over them for at least a second before the fault.</param>
/// <param name="QuietLived">Of these.</param>
/// <param name="LastEndMs">From the fault until the last one was known to have ended; 0: none did.</param>
/// <param name="SlowStallMs">The longest of slow readers, beyond their own pace; null: there were none.</param>
internal sealed record StreamFigures(
    int Opened, int Lived, int Ended, int Hung, int Wrong, int StallMs, int BulkStallMs, IReadOnlyList<string> Reasons, int Quiet = 0, int QuietLived = 0, int LastEndMs = 0,
    int? SlowStallMs = null)
{
    /// <param name="fault">Its timestamp; 0: there was none.</param>
    internal static StreamFigures Of(IReadOnlyList<LiveStream> streams, long fault)
    {
        LiveStream[] quiet = [.. streams.Where(stream => stream.Kind == StreamKind.Idle)];
        return new StreamFigures(
            streams.Count, Count(StreamFate.Lived), Count(StreamFate.Ended), Count(StreamFate.Hung), Count(StreamFate.Wrong),
            Longest(streams.Where(stream => !IsBulk(stream) && !IsSlow(stream))), Longest(streams.Where(IsBulk)),
            [.. streams.Where(stream => stream.Fate != StreamFate.Lived).Select(stream => $"{stream.Kind}: {stream.Why}").Distinct().Take(5)],
            quiet.Length, quiet.Count(stream => stream.Fate == StreamFate.Lived),
            fault == 0 ? 0 : streams.Where(stream => stream.Fate == StreamFate.Ended).Select(stream => (int)Stopwatch.GetElapsedTime(fault, stream.EndedAt).TotalMilliseconds).DefaultIfEmpty(0).Max(),
            streams.Any(IsSlow) ? Longest(streams.Where(IsSlow)) : null);

        int Count(StreamFate fate) => streams.Count(stream => stream.Fate == fate);

        static bool IsBulk(LiveStream stream) => stream.Kind is StreamKind.Download or StreamKind.ClientEnded;

        static bool IsSlow(LiveStream stream) => stream.Kind == StreamKind.SlowDownload;
    }

    internal string ForPeople() =>
        $"{Lived} of {Opened} streams lived, of the quiet ones {QuietLived} of {Quiet}; {Ended} were ended, the last {LastEndMs} ms after the fault, {Hung} hung, {Wrong} carried wrong bytes; longest stall {StallMs} ms, of bulk {BulkStallMs} ms"
        + (SlowStallMs is { } slow ? $", of slow readers {slow} ms" : "")
        + string.Concat(Reasons.Select(reason => $"; {reason}"));

    private static int Longest(IEnumerable<LiveStream> streams) => (int)streams.Select(stream => stream.LongestStall.TotalMilliseconds).DefaultIfEmpty(0).Max();
}
