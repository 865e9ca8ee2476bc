using System;
using System.Globalization;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Cluster.Ownership;
using ExchangeLb.Core.Runtime;

namespace ExchangeLb.Cluster.Moving;

/// <summary>
/// The owner's side of one move:
/// 1. it asks the target, and waits a moment for a connection to one that has just come;
/// 2. willing: quiet sessions are told ahead, and go on here; the target makes what takes time, and says how far it is; not where clients reach the target
///    only, and wait;
/// 3. young connections get a moment, then all is frozen;
/// 4. images of what is not as it was told, and the numbers of what is, go out as they come, never further ahead than the window, then "end";
/// 5. ready: the VIP may be released (where the target can't take some of them only if it must go), which happens only if the freeze has held without a gap and the target can serve;
/// 6. released so: the sessions are forgotten here, and "go" is said until the target says "done".
/// Whatever goes wrong before 6 is a "cancel": the sessions go on here if the VIP stays, else they end. Nothing resumes after "go", and nothing
/// runs at the target before it: no session is ever run by two.
/// </summary>
internal sealed class MoveSource
{
    private static readonly string TooLarge =
        string.Create(CultureInfo.InvariantCulture, $"more waits in its connections than may be moved ({IMovableSessions.BytesMax >> 20} MiB, {IMovableSessions.SessionBytesMax >> 20} MiB of one)");

    private readonly IMoveHost _host;
    private readonly int _vip;
    private readonly MoveOutbox _outbox;
    private readonly bool _isUrgent;
    private readonly TimeSpan _began;
    private readonly ImageQueue _images = new();
    private Step _step = Step.Asking;
    private bool _allTold;
    private bool _isTooLarge;
    private bool _youngDone;
    private TimeSpan _saidAt;
    private TimeSpan _willingAt;

    /// <summary>When the target was done with more than before.</summary>
    private TimeSpan _gotOnAt;
    private TimeSpan _heldAt;
    private TimeSpan? _frozeAt;
    private TimeSpan _describedAt, _readyAt;
    private TimeSpan _goneAt;
    private int _described;
    private bool _freezing;

    /// <summary>An answer to <see cref="IMoveHost.Moved"/> is to come.</summary>
    private bool _releasing;
    private FrozenSessions _frozen;
    private int _unrun;

    /// <summary>Of these the target has no sockets.</summary>
    private long _missed;
    private string _whyMissed = "";
    private long _acknowledged;
    private bool? _kept;
    private string _trouble = "";

    /// <param name="count">About how many sessions there are.</param>
    /// <param name="urgent">Nothing is told ahead.</param>
    internal MoveSource(IMoveHost host, int vip, uint key, NodeId target, ulong move, int count, bool urgent, TimeSpan now)
    {
        (_host, _vip, Target, Move, _isUrgent, _began, _saidAt, _gotOnAt) = (host, vip, target, move, urgent, now, now, now);
        _outbox = new(host, key, target, move);
        Count = count;
        _outbox.Say(MoveMessageType.Begin, count);
    }

    private enum Step
    {
        Asking,
        Connecting,
        Telling,
        Draining,
        Shipping,
        Waiting,
        Releasing,
        Going,
        Cancelling,
        Over,
    }

    internal NodeId Target { get; }
    internal string TargetName => _host.NameOf(Target);
    internal ulong Move { get; }
    internal int Count { get; }
    internal bool IsOver => _step == Step.Over && _outbox.IsEmpty;

    internal void Heard(in MoveMessage message, TimeSpan now)
    {
        switch (message.Type)
        {
            case MoveMessageType.Willing when _step == Step.Asking:
                (_step, _willingAt) = (Step.Connecting, now);
                break;
            case MoveMessageType.Progress when _step is >= Step.Telling and <= Step.Waiting:
                long before = _acknowledged;
                _acknowledged = Math.Clamp(message.Bytes, _acknowledged, _images.Sent);
                if (_acknowledged > before) { _gotOnAt = now; }
                if (_acknowledged > _images.Position) { _images.Take((int)(_acknowledged - _images.Position)); }   // it got there before the connection ended
                _images.Release(_acknowledged);
                break;
            case MoveMessageType.Ready when _step == Step.Waiting && message.Count == _frozen.Shipped && _missed == 0:
                _missed = message.Bytes;
                if (_missed == 0)
                {
                    Release(now);
                    break;
                }
                _whyMissed = message.Text;
                _host.AskMayStay(_vip, Move);
                break;
            case MoveMessageType.Refused when _step < Step.Going:
                Cancel($"{TargetName} refused: {message.Text}");
                break;
            case MoveMessageType.Done when _step == Step.Going:
                _host.Ran(_vip);
                _unrun = Math.Max(0, _frozen.Shipped - message.Count);
                Gone(message.Count, message.Count == 0 && _unrun > 0 ? $"{TargetName} runs none of {_frozen.Shipped}" : null, now);
                break;
        }
    }

    private void BeginTelling(TimeSpan now)
    {
        (_step, _gotOnAt) = (Step.Telling, now);
        _outbox.UseConnection(_host.ConnectionTo(Target));
        if (_isUrgent) { AllTold(); }
        else { _host.Tell(_vip, Move); }
    }

    /// <summary>Young connections have got what they came for.</summary>
    internal void YoungDone() => _youngDone = true;

    internal void Told(ulong session, ReadOnlyMemory<byte> image)
    {
        if (_step is >= Step.Telling and <= Step.Shipping)
        {
            Add(MoveEntryKind.Told, session, image);
        }
    }

    /// <summary>Nothing more is told ahead. More than may be moved is not frozen for nothing.</summary>
    /// <param name="waiting">In the others.</param>
    internal void AllTold(BytesInHand waiting)
    {
        _isTooLarge = waiting.IsTooMuch && _step == Step.Telling && !_isUrgent;
        if (_isTooLarge) { _host.AskMayStay(_vip, Move); }
        else { AllTold(); }
    }

    private void AllTold() => (_allTold, _saidAt) = (true, _step == Step.Telling ? Moments.Never : _saidAt);

    internal void Image(ulong session, ReadOnlyMemory<byte> image)
    {
        if (_step == Step.Shipping)
        {
            _described++;
            Add(MoveEntryKind.Frozen, session, image);
        }
    }

    internal void AsTold(ReadOnlySpan<ulong> sessions)
    {
        if (_step == Step.Shipping)
        {
            _described += sessions.Length;
            Add(MoveEntry.AsTold(sessions), ReadOnlyMemory<byte>.Empty);
        }
    }

    /// <summary>All images have come; null: it could not be frozen.</summary>
    internal void Froze(FrozenSessions? frozen, string trouble, TimeSpan now)
    {
        _freezing = false;
        if (_step == Step.Shipping && frozen is { } all)
        {
            if (all.Shipped == _described)
            {
                _frozen = all;
                if (all.AreMore || all.AreTooLarge) { _host.AskMayStay(_vip, Move); }
                else { AllDescribed(now); }
                return;
            }
            trouble = $"{_described} of {all.Shipped} sessions were described";
        }
        if (_step == Step.Shipping)
        {
            Cancel(trouble);
        }
        Settle(now);
    }

    /// <summary>The answer to <see cref="IMoveHost.AskMayStay"/>: nobody is left behind for a VIP that need not go; one that must takes along whom it can.</summary>
    internal void MayStay(bool may, TimeSpan now)
    {
        if (_step == Step.Telling && _isTooLarge)
        {
            if (may) { Cancel(TooLarge); }
            else { AllTold(); }
        }
        else if (_step == Step.Waiting && _missed > 0)
        {
            if (may) { Cancel($"{TargetName} can't take {_missed} of {_frozen.Shipped}: {_whyMissed}"); }
            else { Release(now); }
        }
        else if (_step == Step.Shipping && !_freezing)
        {
            if (may) { Cancel(_frozen.AreTooLarge ? TooLarge : "there are no descriptors for all clients who wait for a place (maxconn)"); }
            else { AllDescribed(now); }
        }
    }

    /// <summary>The answer to <see cref="IMoveHost.NotMoved"/>. False: it goes, or has gone, without its sessions.</summary>
    internal void Kept(bool kept, TimeSpan now)
    {
        if (_step == Step.Cancelling)
        {
            _kept ??= kept;
            Settle(now);
        }
    }

    /// <summary>The answer to <see cref="IMoveHost.Moved"/>. False: it was not released, or not as it should: the images may be true no more.</summary>
    internal void Released(bool released, TimeSpan now)
    {
        _releasing = false;
        if (_step == Step.Cancelling)
        {
            if (released)
            {
                _host.Given(_vip);      // the target has gone, or drops them: what is recorded of them is all that is left
                _kept = false;
            }
            Settle(now);
        }
        if (_step != Step.Releasing)
        {
            return;
        }
        if (released)
        {
            _host.Given(_vip);
            _host.Forget(_vip, given: true);
            (_step, _goneAt, _saidAt) = (Step.Going, now, now);
            _outbox.Say(MoveMessageType.Go, _frozen.Shipped);
            return;
        }
        Cancel($"the freeze did not hold until all was at {TargetName}, or it can't serve any more");
    }

    /// <summary>This node owns the VIP no more. That it was released for this move another answer says.</summary>
    /// <param name="areKept">Sessions wait for the VIP to come back: those that were frozen for a move that is called off go on to wait with them.</param>
    internal void Lost(TimeSpan now, bool areKept)
    {
        switch (_step)
        {
            case < Step.Releasing:
                Cancel("this node lost the VIP meanwhile");
                _kept = areKept;
                Settle(now);
                break;
            case Step.Cancelling:
                _kept = areKept;
                Settle(now);
                break;
        }
    }

    internal void TargetLeft()
    {
        if (_step < Step.Going)
        {
            Cancel($"{TargetName} left the cluster");
        }
    }

    /// <summary>The connection to the target has ended, or another one has taken its place: what the target has not told of goes by the engine, from its beginning.</summary>
    internal void Disconnected()
    {
        if (_outbox.ByConnection && _step is >= Step.Telling and < Step.Releasing)
        {
            _outbox.Disconnect();
            _images.Rewind(_acknowledged);
            _saidAt = Moments.Never;
        }
    }

    /// <summary>The VIP came back and goes again. True: nothing of this move is here any more.</summary>
    internal bool GiveWay(TimeSpan now)
    {
        if (_step == Step.Going)
        {
            Gone(0, $"{TargetName} did not say that it runs them", now);
        }
        return _step == Step.Over;
    }

    /// <param name="room">For one message.</param>
    /// <returns>When something is due next.</returns>
    internal TimeSpan Tick(Span<byte> room, TimeSpan now)
    {
        if (_step is >= Step.Draining and < Step.Releasing && now - _heldAt >= MoveLimits.Whole)
        {
            Cancel($"not all was at {TargetName} within {MoveLimits.Whole.TotalSeconds:0.#} s");
        }
        switch (_step)
        {
            case Step.Asking when now - _began >= MoveLimits.Answer:
                Cancel($"{TargetName} did not answer");
                break;
            case Step.Connecting when _isUrgent || now - _willingAt >= MoveLimits.Connecting || !_host.IsConnecting(Target):
                BeginTelling(now);
                break;
            case Step.Telling when (_allTold && _acknowledged == _images.Length) || now >= TellingEnd:
                (_step, _heldAt) = (Step.Draining, now);
                _host.HoldNew(_vip, Move);
                break;
            case Step.Draining when _youngDone || now - _heldAt >= MoveLimits.Young:
                (_step, _freezing, _frozeAt) = (Step.Shipping, true, now);
                if (!_outbox.ByConnection && _acknowledged == _images.Position) { _outbox.UseConnection(_host.ConnectionTo(Target)); }      // it came while that was told; nothing is on the other way
                _host.Freeze(_vip, Move);
                break;
            case Step.Going when now - _goneAt >= MoveLimits.Adopted:
                Gone(0, $"{TargetName} did not say that it runs them", now);
                break;
        }
        bool sent = _outbox.Flush() && Ship(room);
        Repeat(now);
        sent &= _outbox.Flush();
        return sent ? Due(now) : now + MoveLimits.Busy;
    }

    /// <summary>False: there is more, and it could go at once.</summary>
    private bool Ship(Span<byte> room)
    {
        if (_step is not (>= Step.Telling and <= Step.Waiting))
        {
            return true;
        }
        bool moreComes = _step == Step.Shipping || (_step == Step.Telling && !_allTold);
        int least = moreComes ? Math.Min(MoveLimits.PieceBytes, room.Length - MoveMessages.HeaderBytes) : 1;
        for (int i = 0; i < MoveLimits.PiecesAtOnce && !_images.IsEmpty; i++)
        {
            if (_images.Length - _images.Position < least)
            {
                return true;
            }
            long window = _acknowledged + (_outbox.ByConnection && _step >= Step.Shipping ? MoveLimits.ConnectionWindowBytes : MoveLimits.WindowBytes) - _images.Position;
            if (window <= 0)
            {
                return true; // the target's progress wakes this up
            }
            int piece = _images.Peek(room.Slice(MoveMessages.HeaderBytes, (int)Math.Min(window, room.Length - MoveMessages.HeaderBytes)));
            if (!_outbox.SendPiece(room, _images.Position, piece))
            {
                return false;
            }
            _images.Take(piece);
        }
        return _images.IsEmpty;
    }

    private void Repeat(TimeSpan now)
    {
        if (now - _saidAt < MoveLimits.Again || !_outbox.IsEmpty)
        {
            return;
        }
        switch (_step)
        {
            case Step.Asking:
                _outbox.Say(MoveMessageType.Begin, Count);
                break;
            case Step.Telling when _allTold && _images.IsEmpty:
                _outbox.SayBehindImages(MoveMessageType.Told, bytes: _images.Length);
                break;
            case Step.Waiting when _images.IsEmpty:
                _outbox.SayBehindImages(MoveMessageType.End, _frozen.Shipped, _images.Length);
                break;
            case Step.Going:
                _outbox.Say(MoveMessageType.Go, _frozen.Shipped);
                break;
            default:
                return;
        }
        _saidAt = now;
    }

    /// <summary>Back-pressure: with many sessions the target needs longer, and the more of them it has before the freeze the shorter that is.</summary>
    private TimeSpan TellingEnd => Moments.Earlier(_gotOnAt + MoveLimits.Telling, _began + MoveLimits.TellingInAll);

    private TimeSpan Due(TimeSpan now) => _step switch
    {
        Step.Asking => Moments.Earlier(_saidAt + MoveLimits.Again, _began + MoveLimits.Answer),
        Step.Connecting => Moments.Earlier(now + MoveLimits.ConnectingLook, _willingAt + MoveLimits.Connecting),
        Step.Telling => Moments.Earlier(_allTold ? Moments.Later(_saidAt + MoveLimits.Again, now + MoveLimits.Busy) : TimeSpan.MaxValue, TellingEnd),
        Step.Draining => _heldAt + MoveLimits.Young,
        Step.Shipping => _heldAt + MoveLimits.Whole,
        Step.Waiting => Moments.Earlier(Moments.Later(_saidAt + MoveLimits.Again, now + MoveLimits.Busy), _heldAt + MoveLimits.Whole),
        Step.Going => Moments.Earlier(_saidAt + MoveLimits.Again, _goneAt + MoveLimits.Adopted),
        _ => TimeSpan.MaxValue,
    };

    private void Add(MoveEntryKind kind, ulong session, ReadOnlyMemory<byte> image)
    {
        Span<byte> head = stackalloc byte[MoveEntry.HeadBytes];
        MoveEntry.WriteHead(head, kind, session);
        Add(head, image);
    }

    private void Add(ReadOnlySpan<byte> head, ReadOnlyMemory<byte> rest)
    {
        int length = head.Length + rest.Length;
        if (length > MoveLimits.ImageBytes || _images.Length + length > MoveLimits.StreamBytes)
        {
            Cancel(TooLarge);
            return;
        }
        _images.Add(head, rest);
    }

    private void Release(TimeSpan now)
    {
        (_step, _readyAt, _releasing) = (Step.Releasing, now, true);
        _host.Moved(_vip, Move);
    }

    private void AllDescribed(TimeSpan now) => (_step, _describedAt, _saidAt) = (Step.Waiting, now, Moments.Never);

    private void Cancel(string trouble)
    {
        if (_step >= Step.Going)
        {
            return;
        }
        (_step, _trouble) = (Step.Cancelling, trouble);
        _images.Clear();
        _outbox.Clear();
        _outbox.Say(MoveMessageType.Cancel, text: trouble);
        _host.NotMoved(_vip, Move, trouble);
    }

    /// <summary>Once it is known whether the VIP stays, and whether it was released before, and everything has been described that was asked to be.</summary>
    private void Settle(TimeSpan now)
    {
        if (_step != Step.Cancelling || _kept is not { } kept || _freezing || _releasing)
        {
            return;
        }
        if (kept)
        {
            _host.Resume(_vip);
        }
        else
        {
            _host.Forget(_vip, given: false);
        }
        Gone(0, _trouble, now);
    }

    private void Gone(int moved, string? trouble, TimeSpan now)
    {
        _step = Step.Over;
        TimeSpan froze = _frozeAt ?? now;
        MoveTimes times = trouble is null ? new(_describedAt - froze, _readyAt - _describedAt, _goneAt - _readyAt, now - _goneAt) : default;
        _host.Gave(new(_vip, Target, moved, _frozen.Left + _unrun, _images.Length, now - froze, trouble, _frozen.AsTold) { Move = Move, Times = times, AreMore = _frozen.AreMore, AreTooLarge = _frozen.AreTooLarge, WhyMissed = _whyMissed });
    }
}
