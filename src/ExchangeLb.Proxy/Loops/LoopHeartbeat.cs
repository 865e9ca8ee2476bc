using System.Collections.Immutable;

namespace ExchangeLb.Proxy.Loops;

/// <summary>
/// Whether the loops turn, for who must not keep a VIP for a data path that hangs. It reads no clock and waits for nobody: nudged at
/// steady intervals, it tells by the number of nudges how long a loop has been silent. Owner: the one thread that nudges.
/// </summary>
public sealed class LoopHeartbeat
{
    private readonly ImmutableArray<EventLoop> _loops;
    private readonly long[] _beats;
    private readonly int[] _unanswered;

    internal LoopHeartbeat(ImmutableArray<EventLoop> loops)
    {
        _loops = loops;
        _beats = new long[loops.Length];
        _unanswered = new int[loops.Length];
    }

    /// <summary>
    /// Notes which loops have turned since the last nudge, and wakes those that have not: a loop without work sleeps, and answers then.
    /// </summary>
    /// <returns>
    /// How many nudges in a row the slowest loop has left unanswered: 0, all have turned; 1, a loop slept, or is slow; more, it hangs, or
    /// has ended or was not started.
    /// </returns>
    public int Nudge()
    {
        int most = 0;
        for (int i = 0; i < _loops.Length; i++)
        {
            long beats = _loops[i].Beats;
            if (beats != _beats[i])
            {
                _beats[i] = beats;
                _unanswered[i] = 0;
                continue;
            }
            _unanswered[i] += _unanswered[i] < int.MaxValue ? 1 : 0;
            _loops[i].Mailbox.Nudge();
            most = int.Max(most, _unanswered[i]);
        }
        return most;
    }
}
