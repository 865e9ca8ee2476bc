using System;
using ExchangeLb.Linux.Repair;

namespace ExchangeLb.Proxy.Recording;

/// <summary>TSvals of one side of a connection, which go round. Pure.</summary>
/// <param name="From">The first.</param>
/// <param name="End">Behind the last.</param>
internal readonly record struct TimestampSpan(uint From, uint End)
{
    /// <summary>The former owner's kernel goes on speaking until its lease has run out, while nobody records any more: 400 ms, with a large cluster's lease longer.</summary>
    private static readonly TimeSpan ItsEnd = TimeSpan.FromSeconds(2);

    public bool Holds(uint value) => unchecked(value - From) < unchecked(End - From);

    /// <summary>What the former owner sent at its end, after the image. Behind that begin the new owner's, which have a margin.</summary>
    /// <param name="opened">When the new owner made its socket.</param>
    /// <param name="now">At the takeover.</param>
    /// <returns>Null: the connection has no timestamps, or the socket was made so long before the takeover that they overlap.</returns>
    public static TimestampSpan? LastWords(TcpImage image, ImageClock opened, ImageClock now)
    {
        if (!image.Has(TcpTraits.Timestamps))
        {
            return null;
        }
        TimeSpan before = image.TakenAt.AgeAt(now) - ItsEnd;
        uint from = image.TimestampAfter(before > TimeSpan.Zero ? before : TimeSpan.Zero);
        uint end = image.TimestampAt(opened, TcpRestore.DefaultMargin);
        return unchecked((int)(end - from)) > 0 ? new TimestampSpan(from, end) : null;
    }
}
