using System;
using System.Threading;

namespace ExchangeLb.Cluster.Replication.Outgoing;

/// <summary>From sending a batch to its acknowledgement, for the last <see cref="Remembered"/> batches.</summary>
internal sealed class LagMeter
{
    private const int Remembered = 256;

    private readonly (ulong Number, TimeSpan SentAt)[] _sent = new (ulong, TimeSpan)[Remembered];

    private long _lastTicks = -1;

    /// <summary>The last one that was measured; null: none yet. Any thread.</summary>
    public TimeSpan? Last => Volatile.Read(ref _lastTicks) is >= 0 and var ticks ? TimeSpan.FromTicks(ticks) : null;

    public void Sent(ulong number, TimeSpan now) => _sent[(int)(number % Remembered)] = (number, now);

    public void Acknowledged(ulong number, TimeSpan now)
    {
        (ulong found, TimeSpan sentAt) = _sent[(int)(number % Remembered)];
        if (found == number && number > 0)
        {
            Volatile.Write(ref _lastTicks, (now - sentAt).Ticks);
        }
    }
}
