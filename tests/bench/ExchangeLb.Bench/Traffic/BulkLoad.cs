using System;
using System.Diagnostics;

namespace ExchangeLb.Bench.Traffic;

/// <summary>
/// One long stream on one connection. The receiver discards in the kernel (MSG_TRUNC), the sender sends one shared buffer, so that the
/// proxy is what takes the time. The length and the answer's head are checked; the bytes of the stream are not (the soak checks bytes).
/// </summary>
internal static class BulkLoad
{
    private const ulong Tag = 0xB01DB01DB01DB01D;

    internal static LoadResult Download(int port, ulong bytes) => Measure(port, bytes, client =>
    {
        client.Ask(AskFor.Answer, Tag, 0, bytes);
        client.DiscardAnswer(bytes);
    });

    internal static LoadResult Upload(int port, ulong bytes) => Measure(port, bytes, client =>
    {
        client.Ask(AskFor.Answer, Tag, bytes, Protocol.AnswerHeadLength);
        client.ReadAnswer(Protocol.AnswerHeadLength);
    });

    private static LoadResult Measure(int port, ulong bytes, Action<BlockingClient> transfer)
    {
        var started = Stopwatch.GetTimestamp();
        using var client = BlockingClient.Open(port, 0);
        transfer(client);
        return new LoadResult((double)bytes / (1 << 30), Stopwatch.GetElapsedTime(started), 1);
    }
}
