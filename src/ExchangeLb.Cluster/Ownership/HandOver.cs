using System;

namespace ExchangeLb.Cluster.Ownership;

/// <summary>A hand-over under way: first the young connections come to their end, then the VIP is released, then the target has it or not.</summary>
internal sealed class HandOver(PeerState target, string reason, TimeSpan drainUntil)
{
    internal PeerState Target => target;
    internal string Reason => reason;
    internal TimeSpan DrainUntil { get; private set; } = drainUntil;

    internal void Drained() => DrainUntil = Moments.Never;
}
