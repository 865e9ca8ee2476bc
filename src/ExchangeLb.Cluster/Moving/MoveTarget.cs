using System;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Cluster.Ownership;
using ExchangeLb.Core.Runtime;

namespace ExchangeLb.Cluster.Moving;

/// <summary>
/// The other side of a move, at the node that is to be owner: it adopts images as they come, those told ahead only on approval, says "ready" when it has all
/// and has dropped what was told and is not named as true, and makes them run once it has both the owner's "go" and the VIP; when all do it says "done". Until then it may drop them at any moment, and does when "go" does not come.
/// </summary>
internal sealed class MoveTarget
{
    private readonly IMoveHost _host;
    private readonly int _vip;
    private readonly MoveOutbox _outbox;
    private readonly ImageAssembler _assembler = new();
    private readonly TimeSpan _began;
    private TimeSpan _heardAt;
    private Step _step = Step.Adopting;
    private TimeSpan? _ownerSince;
    private TimeSpan _ranAt;
    private long _told;
    private int _adopted;
    private MissedSessions _missed;
    private int _ran;
    private bool _allRun;

    internal MoveTarget(IMoveHost host, int vip, uint key, NodeId from, ulong move, TimeSpan now)
    {
        (_host, _vip, From, Move, _began, _heardAt) = (host, vip, from, move, now, now);
        _outbox = new(host, key, from, move);
        _outbox.Say(MoveMessageType.Willing);
    }

    private enum Step
    {
        Adopting,
        Ready,

        /// <summary>"Go" has come, the VIP hasn't.</summary>
        Going,
        Ran,
        Dropped,
    }

    internal NodeId From { get; }
    internal ulong Move { get; }

    /// <summary>Nothing of it is left in this node but the memory of how it ended.</summary>
    internal bool IsOver => _step is Step.Ran or Step.Dropped;

    internal bool Ran => _step == Step.Ran;

    /// <summary>A message of this very move.</summary>
    internal void Heard(in MoveMessage message, TimeSpan now)
    {
        _heardAt = now;
        switch (message.Type)
        {
            case MoveMessageType.Begin when _step == Step.Adopting && _assembler.Position == 0 && _outbox.IsEmpty:
                _outbox.Say(MoveMessageType.Willing); // ours was lost
                break;
            case MoveMessageType.Images when _step == Step.Adopting:
                Adopt(message.Bytes, message.Rest);
                break;
            case MoveMessageType.Images when _step == Step.Ready && _outbox.IsEmpty:
                TellProgress();     // its owner begins again where it last heard of
                break;
            case MoveMessageType.Told when _step == Step.Adopting:
                _host.Expect(_vip);
                if (_outbox.IsEmpty || _told < _assembler.Position) { TellProgress(); }
                break;
            case MoveMessageType.End:
                End(message);
                break;
            case MoveMessageType.Go:
                Go(now);
                break;
            case MoveMessageType.Cancel:
                Drop(message.Text);
                break;
        }
    }

    /// <summary>The VIP is this node's, its address set and its fence open.</summary>
    internal void Acquired(TimeSpan now)
    {
        _ownerSince = now;
        if (_step == Step.Adopting)
        {
            // Nobody lets go before all are here: the owner has died, or lets the VIP go without them. Their sockets stood in the way of what is recorded of them.
            Drop("this node became owner before all were here");
            return;
        }
        RunIfDue(now);
    }

    /// <summary>Those that were made to run do. What is sent on to them before, with acknowledgements of what they have not sent again yet, is of no use to them.</summary>
    internal void AllRun()
    {
        _allRun = true;
        _outbox.Say(MoveMessageType.Done, _ran);
    }

    internal void Lost(TimeSpan now, bool areKept)
    {
        _ownerSince = null;
        if (!areKept && _step == Step.Ran && now - _ranAt < MoveLimits.Adopted)
        {
            _host.Cut(_vip); // what began to run after the VIP was lost, and before this was heard
        }
    }

    /// <summary>It is another's: either it went elsewhere, or the owner took it back.</summary>
    internal void OwnerIs(NodeId owner)
    {
        if (owner != From || _step == Step.Going)
        {
            Drop($"{_host.NameOf(owner)} owns the VIP");
        }
    }

    /// <summary>What was said of its progress may have been lost with the view.</summary>
    internal void ViewChanged()
    {
        if (_step == Step.Adopting && _assembler.Position > 0) { TellProgress(); }
    }

    internal void OwnerLeft()
    {
        if (_step is Step.Adopting or Step.Ready)
        {
            Drop($"{_host.NameOf(From)} left the cluster before it let them go");
        }
    }

    /// <summary>This node won't be owner. What is let go already stays until it is known who is.</summary>
    internal void Leave(string why)
    {
        if (_step is Step.Adopting or Step.Ready)
        {
            Refuse(why);
        }
    }

    /// <returns>When something is due next.</returns>
    internal TimeSpan Tick(TimeSpan now)
    {
        TimeSpan due = TimeSpan.MaxValue;
        if (!IsOver)
        {
            due = _heardAt + MoveLimits.Adopted;
            if (_ownerSince is { } since)
            {
                due = Moments.Earlier(due, Moments.Later(since, _began) + MoveLimits.AdoptedAsOwner);
            }
            if (now >= due)
            {
                Drop($"{_host.NameOf(From)} has not let them go in time");
                due = TimeSpan.MaxValue;
            }
        }
        return _outbox.Flush() ? due : now + MoveLimits.Busy;
    }

    internal void Drop(string why)
    {
        if (IsOver)
        {
            return;
        }
        _step = Step.Dropped;
        _assembler.Clear();
        _host.Drop(_vip);
        _host.Took(_vip, From, 0, why);
    }

    private void Adopt(long position, ReadOnlySpan<byte> piece)
    {
        if (position > _assembler.Position)
        {
            Refuse("a piece of the stream is missing");
            return;
        }
        if (position + piece.Length <= _assembler.Position)
        {
            if (_outbox.IsEmpty) { TellProgress(); }     // twice: its owner does not know how far this node is
            return;
        }
        piece = piece[(int)(_assembler.Position - position)..];
        while (_assembler.TryTake(ref piece, out ReadOnlySpan<byte> entry))
        {
            if (Take(entry) is { } trouble)
            {
                Refuse(trouble);
                return;
            }
        }
        if (_assembler.Damaged)
        {
            Refuse("the stream is damaged");
        }
        else if (_assembler.Position - _told >= (_adopted > 0 && _host.ConnectionTo(From) != 0 ? MoveLimits.ConnectionProgressBytes : MoveLimits.ProgressBytes))
        {
            TellProgress();
        }
    }

    private void TellProgress()
    {
        _told = _assembler.Position;
        _outbox.Say(MoveMessageType.Progress, bytes: _told);
    }

    /// <summary>Null, or why it can't be taken.</summary>
    private string? Take(ReadOnlySpan<byte> entry)
    {
        if (!MoveEntry.TryRead(entry, out MoveEntryKind kind, out ulong session, out ReadOnlySpan<byte> image))
        {
            return "an entry of the stream is damaged";
        }
        switch (kind)
        {
            case MoveEntryKind.Told:
                _host.AdoptTold(_vip, session, image);
                return null;
            case MoveEntryKind.AsTold:
                ulong[] sessions = MoveEntry.Numbers(image);
                _adopted += sessions.Length;
                return _host.Keep(_vip, sessions);
            default:
                _adopted++;
                return _host.Adopt(_vip, session, image);
        }
    }

    private void End(in MoveMessage message)
    {
        if (_step == Step.Adopting)
        {
            if (message.Count != _adopted || message.Bytes != _assembler.Position || _assembler.IsAmid)
            {
                Refuse($"{_adopted} of {message.Count} sessions came");
                return;
            }
            _missed = _host.Settle(_vip);
            _step = Step.Ready;
            _assembler.Clear();
            SayReady();
        }
        else if (_step == Step.Ready && _outbox.IsEmpty)
        {
            SayReady();     // ours was lost
        }
        else if (_step == Step.Dropped)
        {
            _outbox.Say(MoveMessageType.Refused, text: "they were dropped here");
        }
    }

    private void SayReady() => _outbox.Say(MoveMessageType.Ready, _adopted, _missed.Count, _missed.Why ?? "");

    private void Go(TimeSpan now)
    {
        if (_step == Step.Ready)
        {
            _step = Step.Going;
            RunIfDue(now);
        }
        else if (_step == Step.Adopting)
        {
            Drop("let go before all were here");
        }
        if ((_step == Step.Dropped || _allRun) && _outbox.IsEmpty)
        {
            _outbox.Say(MoveMessageType.Done, _ran);
        }
    }

    private void RunIfDue(TimeSpan now)
    {
        if (_step != Step.Going || _ownerSince is null)
        {
            return;
        }
        (_step, _ranAt) = (Step.Ran, now);
        _ran = _host.Run(_vip, Move);
        _host.Took(_vip, From, _ran, _ran == _adopted ? null : $"{_adopted - _ran} of {_adopted} could not go on{(_missed.Why is { } why ? $": {why}" : "")}");
    }

    private void Refuse(string why)
    {
        _outbox.Clear();
        _outbox.Say(MoveMessageType.Refused, text: why);
        Drop(why);
    }
}
