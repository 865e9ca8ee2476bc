using System;
using System.Collections.Generic;
using System.Threading.Tasks;

namespace ExchangeLb.Clustering;

/// <summary>The turns of its lease thread, and what that hears of the kernel and of the surroundings.</summary>
internal sealed partial class ClusterNode
{
    private void OnReadable(ulong key)
    {
        if (key == KernelFrames)
        {
            _kernel.Drain(this);
        }
        else
        {
            _surroundingsDue = TimeSpan.Zero;
        }
    }

    private TimeSpan EveryTurn(TimeSpan now)
    {
        if (now >= _surroundingsDue)
        {
            LookAround(now);
        }
        TimeSpan fitnessDue = _fitness.EveryTurn(now);
        _board.Write(_node);
        DismissGone(now);
        if (now >= _beatDue)
        {
            _beatDue = now + BeatEvery;
            if (_fitness.LoopsTurn)
            {
                _guard?.Beat();
            }
        }
        _kernel.Drain(this); // an answer to a probe that came meanwhile must be known before the next step is decided
        TimeSpan due = fitnessDue < _beatDue ? fitnessDue : _beatDue;
        return due < _surroundingsDue ? due : _surroundingsDue;
    }

    private void LookAround(TimeSpan now)
    {
        _surroundingsDue = _surroundings.Tick();
        (IReadOnlyList<string> gateways, int neighbours, bool nobody) = _surroundings.Unreached();
        _fitness.SetUnreached(gateways, neighbours, nobody);
        if (now >= _linksDue)
        {
            _linksDue = now + LinksEvery;
            _companySince = _mail.View is { Members.Length: > 1 } ? _companySince ?? now : null;
            _fitness.SetLinks(_surroundings.Links(now - _companySince >= AnswersWithin));
        }
    }

    private void WatchSurroundings()
    {
        foreach (int fd in _surroundings.PollFds)
        {
            _lease.Watch(fd, SurroundingFrames);
        }
    }

    /// <summary>By the lease thread, which must hear of it.</summary>
    private void SessionsCleared(int vip, int losses)
    {
        if (!_lease.Post(() => _fitness.Cleared(vip, losses)))
        {
            _ = Task.Delay(1).ContinueWith(_ => SessionsCleared(vip, losses), TaskScheduler.Default);
        }
    }
}
