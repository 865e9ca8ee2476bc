using System;
using System.Collections.Generic;
using System.Linq;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Cluster.Ownership;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Runtime;

namespace ExchangeLb.Cluster.Moving;

/// <summary>
/// One node's part in moving established sessions along with a VIP that is handed over, in both roles and for all VIPs. It decides; what it decides
/// is done by the host. All members are called by one thread, with the time; none waits. To be followed by <see cref="Tick"/>.
/// </summary>
public sealed class Mover
{
    private const string Leaving = "it is leaving";

    private readonly IMoveHost _host;
    private readonly NodeId _self;
    private uint[] _keys;
    private readonly MoveSource?[] _sources;
    private readonly MoveTarget?[] _targets;
    private readonly TimeSpan?[] _ownerSince;
    private readonly Queue<byte[]> _answers = [];
    private readonly byte[] _room;
    private bool _leaving;

    public Mover(ClusterModel model, NodeId self, IMoveHost host)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(host);
        (_host, _self) = (host, self);
        (_sources, _targets, _ownerSince) = (new MoveSource?[VipPlaces.Max], new MoveTarget?[VipPlaces.Max], new TimeSpan?[VipPlaces.Max]);
        _keys = [.. model.Vips.Select(OwnershipMessages.KeyOf)];
        _room = new byte[host.BodyMaxBytes];
    }

    /// <summary>Messages that were not understood.</summary>
    public long RejectedTotal { get; private set; }

    /// <summary>Messages about VIPs that this node does not have.</summary>
    public long UnknownVipTotal { get; private set; }

    /// <summary>A reload: VIPs have come, each in a place of its own. Moves of one that has gone end as they would have.</summary>
    public void Use(ClusterModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        _keys = [.. model.Vips.Select(OwnershipMessages.KeyOf)];
    }

    /// <summary>No move from here is under way.</summary>
    public bool IsIdle => _sources.All(source => source is null) && _answers.Count == 0;

    /// <summary>Sessions were adopted, or are being so, and neither run nor were dropped.</summary>
    public bool IsTaking(int vip) => _targets[vip] is { IsOver: false };

    /// <summary>A hand-over has begun; its sessions shall go along.</summary>
    /// <param name="move">The hand-over's number: no move, of an earlier life either, had the same.</param>
    /// <param name="count">About how many.</param>
    /// <param name="urgent">Clients reach the target and not this node: nothing is told ahead.</param>
    public void Begin(int vip, NodeId target, ulong move, int count, bool urgent, TimeSpan now)
    {
        if (_sources[vip] is { } last && !last.GiveWay(now))
        {
            const string Trouble = "the last move from here has not ended yet";
            _host.NotMoved(vip, move, Trouble);
            _host.Gave(new(vip, target, 0, 0, 0, TimeSpan.Zero, Trouble) { Move = move });
            return;
        }
        _sources[vip] = new(_host, vip, _keys[vip], target, move, count, urgent, now);
    }

    /// <summary>The VIP's young connections have got what they came for.</summary>
    public void YoungDone(int vip) => _sources[vip]?.YoungDone();

    /// <summary>A session that goes on; each is told once at most.</summary>
    /// <param name="image">Not to be changed from now on.</param>
    public void Told(int vip, ulong move, ulong session, ReadOnlyMemory<byte> image) => Source(vip, move)?.Told(session, image);

    /// <param name="waiting">What those have in hand that were not told.</param>
    public void AllTold(int vip, ulong move, BytesInHand waiting = default) => Source(vip, move)?.AllTold(waiting);

    /// <summary>A frozen session.</summary>
    /// <param name="image">Not to be changed from now on.</param>
    public void Image(int vip, ulong move, ulong session, ReadOnlyMemory<byte> image) => Source(vip, move)?.Image(session, image);

    /// <summary>Frozen sessions, of which what was told is true.</summary>
    public void AsTold(int vip, ulong move, ReadOnlySpan<ulong> sessions) => Source(vip, move)?.AsTold(sessions);

    /// <param name="frozen">Null: they were not frozen, for this reason.</param>
    public void Froze(int vip, ulong move, FrozenSessions? frozen, string trouble, TimeSpan now) => Source(vip, move)?.Froze(frozen, trouble, now);

    /// <summary>The VIP could stay here (true), or it must go.</summary>
    public void MayStay(int vip, ulong move, bool may, TimeSpan now) => Source(vip, move)?.MayStay(may, now);

    /// <summary>The VIP was released for this move (true), or it was not.</summary>
    public void Released(int vip, ulong move, bool released, TimeSpan now) => Source(vip, move)?.Released(released, now);

    /// <summary>The VIP stays here for now (true), or it goes without its sessions.</summary>
    public void Kept(int vip, ulong move, bool kept, TimeSpan now) => Source(vip, move)?.Kept(kept, now);

    public void Acquired(int vip, TimeSpan now)
    {
        _ownerSince[vip] = now;
        _targets[vip]?.Acquired(now);
    }

    /// <summary>The answer to <see cref="IMoveHost.Run"/>: all go on.</summary>
    /// <returns>False: another move of the VIP has begun since.</returns>
    public bool AllRun(int vip, ulong move)
    {
        if (_targets[vip] is not { } target || target.Move != move) { return false; }
        target.AllRun();
        return true;
    }

    /// <param name="areKept">The VIP's sessions: in case it comes back.</param>
    public void Lost(int vip, TimeSpan now, bool areKept = false)
    {
        _ownerSince[vip] = null;
        _sources[vip]?.Lost(now, areKept);
        _targets[vip]?.Lost(now, areKept);
    }

    /// <summary>This node is about to end: it takes no more sessions, and none of those that their owner has not let go.</summary>
    public void Leave()
    {
        _leaving = true;
        foreach (MoveTarget target in _targets.OfType<MoveTarget>()) { target.Leave(Leaving); }
    }

    /// <summary>Another node owns it.</summary>
    public void OwnerIs(int vip, NodeId owner) => _targets[vip]?.OwnerIs(owner);

    /// <summary>A connection (<see cref="IMoveHost.ConnectionTo"/>) has ended, or another one has taken its place; what was on its way on it is lost.</summary>
    public void Disconnected(NodeId node)
    {
        foreach (MoveSource source in _sources.OfType<MoveSource>().Where(source => source.Target == node)) { source.Disconnected(); }
    }

    public void ViewChanged(ClusterView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        foreach (MoveSource source in _sources.OfType<MoveSource>())
        {
            if (!view.Members.Contains(source.Target)) { source.TargetLeft(); }
        }
        foreach (MoveTarget target in _targets.OfType<MoveTarget>())
        {
            if (!view.Members.Contains(target.From)) { target.OwnerLeft(); }
            else { target.ViewChanged(); }
        }
    }

    /// <param name="body">Of a message of kind HandOver; what it doesn't understand it counts and leaves.</param>
    public void MessageArrived(NodeId sender, ReadOnlySpan<byte> body, TimeSpan now)
    {
        if (sender == _self)
        {
            return;
        }
        if (!MoveMessages.TryRead(body, out MoveMessage message))
        {
            RejectedTotal++;
            return;
        }
        if (message.To != _self)
        {
            return;
        }
        int vip = Array.IndexOf(_keys, message.Vip);
        if (vip < 0)
        {
            UnknownVipTotal++;
            if (message.Type == MoveMessageType.Begin) { Answer(MoveMessageType.Refused, message.Vip, sender, message.Move, "it does not have this VIP"); }
        }
        else if (message.Type is MoveMessageType.Willing or MoveMessageType.Refused or MoveMessageType.Progress or MoveMessageType.Ready or MoveMessageType.Done)
        {
            if (_sources[vip] is { } source && source.Move == message.Move && source.Target == sender) { source.Heard(message, now); }
        }
        else if (_targets[vip] is { } target && target.Move == message.Move && target.From == sender)
        {
            target.Heard(message, now);
        }
        else
        {
            OfNoMove(vip, sender, message, now);
        }
    }

    /// <summary>Sends what waits and does what is due.</summary>
    /// <returns>When something is due next, on the clock; <see cref="TimeSpan.MaxValue"/>: nothing.</returns>
    public TimeSpan Tick(TimeSpan now)
    {
        TimeSpan due = TimeSpan.MaxValue;
        while (_answers.TryPeek(out byte[]? answer))
        {
            if (!_host.Send(answer))
            {
                due = now + MoveLimits.Busy;
                break;
            }
            _answers.Dequeue();
        }
        for (int vip = 0; vip < _keys.Length; vip++)
        {
            if (_sources[vip] is { } source)
            {
                due = Moments.Earlier(due, source.Tick(_room, now));
                if (source.IsOver) { _sources[vip] = null; }
            }
            if (_targets[vip] is { } target)
            {
                due = Moments.Earlier(due, target.Tick(now));
            }
        }
        return due;
    }

    private MoveSource? Source(int vip, ulong move) => _sources[vip] is { } source && source.Move == move ? source : null;

    private void OfNoMove(int vip, NodeId sender, in MoveMessage message, TimeSpan now)
    {
        switch (message.Type)
        {
            case MoveMessageType.Begin:
                _targets[vip]?.Drop("its owner began anew");
                string? lack = _leaving ? Leaving : _host.LackFor(vip) ?? (_ownerSince[vip] is null && _sources[vip] is null ? null : "it owns the VIP itself");
                if (lack is null)
                {
                    _targets[vip] = new(_host, vip, _keys[vip], sender, message.Move, now);
                }
                else
                {
                    Answer(MoveMessageType.Refused, _keys[vip], sender, message.Move, lack);
                }
                break;
            case MoveMessageType.End:
                Answer(MoveMessageType.Refused, _keys[vip], sender, message.Move, "this move is not known here");
                break;
            case MoveMessageType.Go:
                Answer(MoveMessageType.Done, _keys[vip], sender, message.Move, "");
                break;
        }
    }

    /// <summary>Of a move that this node takes no part in: its owner shall not wait.</summary>
    private void Answer(MoveMessageType type, uint vip, NodeId to, ulong move, string text)
    {
        const int WaitingMax = 64;
        if (_answers.Count >= WaitingMax)
        {
            return; // it asks again
        }
        byte[] rest = MoveMessages.BytesOf(text);
        byte[] body = new byte[MoveMessages.HeaderBytes + rest.Length];
        MoveMessages.Write(body, new(type, vip, to, move, Rest: rest));
        _answers.Enqueue(body);
    }
}
