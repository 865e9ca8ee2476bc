using System;

namespace ExchangeLb.Cluster.Kernel;

/// <summary>
/// Whether one neighbour is reached, judged by its answers to regular questions. Silence counts by question, not by time: while this process was
/// paused nobody was asked.
/// </summary>
public sealed class NeighbourWatch
{
    /// <summary>From one question to the next; one that is not answered by then is lost.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    /// <summary>Lost in a row until the neighbour is: one or two get lost on a healthy network, or its ARP is busy.</summary>
    public const int LostAfter = 3;

    /// <summary>Answered in a row until one that was lost is back: a flapping link shall not flap the VIP.</summary>
    public const int BackAfter = 3;

    private TimeSpan? _asked;
    private bool _answered;
    private int _contrary;
    private int _backAfter = 1;

    /// <summary>Not before its first answer.</summary>
    public bool Reached { get; private set; }

    /// <summary>When <see cref="Due"/> will say so.</summary>
    public TimeSpan Next => _asked is { } asked ? asked + Interval : TimeSpan.Zero;

    /// <summary>Judges the last question, if its time is over.</summary>
    /// <returns>The next one is to be sent now.</returns>
    public bool Due(TimeSpan now)
    {
        if (now < Next)
        {
            return false;
        }
        if (_asked is not null)
        {
            Judge();
        }
        (_asked, _answered) = (now, false);
        return true;
    }

    /// <summary>The neighbour has answered. Before the first question, or a second time, it says nothing.</summary>
    public void Answered() => _answered = _asked is not null;

    private void Judge()
    {
        _contrary = _answered == Reached ? 0 : _contrary + 1;
        if (_contrary >= (Reached ? LostAfter : _backAfter))
        {
            (Reached, _contrary, _backAfter) = (_answered, 0, BackAfter);
        }
    }
}
