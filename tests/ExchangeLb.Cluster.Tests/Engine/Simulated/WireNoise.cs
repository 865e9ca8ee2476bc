using System;

namespace ExchangeLb.Cluster.Tests.Engine.Simulated;

/// <summary>How badly the wire treats messages between engines, and how soon they notice who has come and gone. Milliseconds.</summary>
/// <param name="Tail">Share of the messages that are 3..30 ms late.</param>
/// <param name="Detection">From a node's loss until the others' view says so, give or take 15 %.</param>
internal sealed record WireNoise(double Loss, double Duplicates, double Tail, double Detection)
{
    internal static WireNoise Calm { get; } = new(0, 0, 0, 280);

    internal TimeSpan Delay(Random random) =>
        Ms(random.NextDouble() < Tail ? 3 + (27 * random.NextDouble()) : 0.1 + (0.9 * random.NextDouble()));

    internal TimeSpan LossDetected(Random random) => Ms(Detection * (0.85 + (0.3 * random.NextDouble())));

    internal static TimeSpan ExitDetected(Random random) => Ms(2 + (14 * random.NextDouble()));

    internal static TimeSpan Joined(Random random) => Ms(20 + (280 * random.NextDouble()));

    internal static TimeSpan Ms(double milliseconds) => TimeSpan.FromTicks((long)(milliseconds * TimeSpan.TicksPerMillisecond));
}
