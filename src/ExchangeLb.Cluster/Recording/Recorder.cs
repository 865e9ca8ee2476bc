using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Threading;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Cluster.Ownership;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Cluster.Recording;

/// <summary>
/// One node's part in letting quiet sessions outlive their owner, in both roles and for all VIPs. As owner: (1) the others are told of all sessions, and anew
/// when one of them joins; (2) with the VIP the telling ends, and what sessions are left end without a packet before the VIP is asked for again, or, where it was lost by accident, once another node owns it. As
/// another node, or as the next life of this one: (3) what is told is kept; (4) sockets are made of it once the owner seems to be gone; (5) with the VIP these become sessions again; or else
/// (6) they are dropped, and, once there is a new owner that has had time to tell, the records of the former one, too. An owner that could not hear another
/// node (7) has its own sessions asked where they stand: that one may have gone on with them. Who loses sessions without a hand-over (8) says which, and whoever
/// owns their VIP resets those that do not run there. All members are called by one thread; none waits.
/// </summary>
public sealed class Recorder
{
    /// <summary>After records that the engine had no room for all is told anew, no more often than this: a lost record costs a session, no more.</summary>
    public static readonly TimeSpan TellAgain = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Records of a former owner are kept so long after there is a new one, which tells of the same sessions only by and by, and may die before it has. To
    /// a record that is not true any more nothing happens: both sides of a session are asked before it goes on.
    /// </summary>
    public static readonly TimeSpan KeptAfterwards = TimeSpan.FromSeconds(10);

    /// <summary>Two owners that hear each other again are one within a second: by then the other one moves no byte any more.</summary>
    public static readonly TimeSpan CheckAfter = TimeSpan.FromSeconds(1);

    /// <summary>They are asked anew no sooner than so long after the last time: a rival that stays is met again and again.</summary>
    public static readonly TimeSpan CheckPause = TimeSpan.FromSeconds(10);

    /// <summary>A side that can't be reached, or may have lost something, is asked for so long.</summary>
    public static readonly TimeSpan CheckedFor = TimeSpan.FromSeconds(150);

    /// <summary>Who lost sessions tells so long each node that it hears anew; later most clients and servers have given up.</summary>
    public static readonly TimeSpan OwnLostFor = TimeSpan.FromMinutes(10);

    /// <summary>A list that could not be sent is sent again after so long.</summary>
    public static readonly TimeSpan TellLostAgain = TimeSpan.FromSeconds(1);

    /// <summary>Of sessions that nodes have lost, waiting for an owner: some 100,000. What is beyond is counted, and forgotten.</summary>
    public const int LostBytesMax = 4 * 1024 * 1024;

    private readonly IRecordHost _host;
    private readonly NodeId _self;
    private readonly bool _isKept;
    private RecordedVip[] _vips;
    private bool _isOn = true;
    private ImmutableArray<NodeId> _members = [];
    private ulong _incarnation;
    private long _rejectedTotal;
    private bool _someLost;
    private int _lostBytes;

    /// <summary>When a node was heard last that was not there before.</summary>
    private TimeSpan _cameAt = Moments.Never;
    private TimeSpan _toldAt;

    /// <param name="incarnation">Of this life of the node.</param>
    /// <param name="isKept">Something on this host keeps records, too, for this node's next life: there is always somebody to tell.</param>
    public Recorder(ClusterModel model, NodeId self, ulong incarnation, IRecordHost host, bool isKept = false)
    {
        ArgumentNullException.ThrowIfNull(model);
        (_host, _self, _incarnation, _isKept) = (host, self, incarnation, isKept);
        _vips = [.. model.Vips.Select(vip => new RecordedVip(OwnershipMessages.KeyOf(vip)))];
    }

    /// <summary>Messages and records that were not understood, or had no place. Any thread.</summary>
    public long RejectedTotal => Volatile.Read(ref _rejectedTotal);

    /// <summary>Messages about VIPs that this node does not have.</summary>
    public long UnknownVipTotal { get; private set; }

    /// <summary>A reload: VIPs may have come, each in a place of its own, or gone; and `hand-over full` may have.</summary>
    /// <param name="on">False: nothing is told or kept, and sessions end with their owner.</param>
    public void Use(ClusterModel model, bool on, TimeSpan now)
    {
        ArgumentNullException.ThrowIfNull(model);
        _vips = [.. _vips, .. model.Vips.Skip(_vips.Length).Select(vip => new RecordedVip(OwnershipMessages.KeyOf(vip)))];
        for (int vip = 0; vip < _vips.Length; vip++)
        {
            _vips[vip].IsGone = model.Vips[vip].IsGone;
            if (!on || _vips[vip].IsGone)
            {
                Drop(vip);
                Forget(vip, except: null);
            }
            if (!on || _vips[vip].IsGone) { ForgetLost(vip, _ => true); }
            if (!on) { EndTelling(vip); }
        }
        bool begins = on && !_isOn;
        _isOn = on;
        for (int vip = 0; begins && vip < _vips.Length; vip++)
        {
            if (_vips[vip].IsOwned) { Tell(vip, now); }
        }
    }

    private bool HearsOthers => _members.Any(member => member != _self);

    private bool HasListeners => _isKept || HearsOthers;

    /// <summary>This node is owner; its fence is open. What it kept of sessions since <see cref="Slipped"/> goes on, beside what others told.</summary>
    /// <param name="moved">The sessions came along by a hand-over, and run already.</param>
    public void Acquired(int vip, bool moved, TimeSpan now)
    {
        RecordedVip stand = _vips[vip];
        if (stand.IsKept) { stand.CheckAt = now + CheckAfter; }     // an owner between may not have been heard
        (stand.IsOwned, stand.IsKept) = (true, false);
        (stand.OwnerElsewhere, stand.ForgetAt) = (null, TimeSpan.MaxValue);
        if (moved)
        {
            Drop(vip);
            Forget(vip, except: null);
            if (now < _cameAt + CheckedFor) { RivalMet(vip, now); }     // who gave them may not have found out yet
        }
        else if (stand.Tellers.Count > 0)
        {
            (stand.IsTakingOver, stand.IsRestored) = (true, false);
            stand.Tellers.Clear();
            _host.TakeOver(vip);
            return;
        }
        Tell(vip, now);
        stand.ResetLostAt = now + CheckAfter;
    }

    /// <summary>
    /// This node has handed the VIP over with its sessions. What it knows of them is kept like the records of a former owner: the new one tells of them by
    /// and by, and may be gone before it has.
    /// </summary>
    /// <returns>The incarnation of these records; null: nothing is to be kept.</returns>
    public ulong? Gave(int vip, TimeSpan now)
    {
        RecordedVip stand = _vips[vip];
        if (!_isOn || stand.IsGone) { return null; }
        stand.Tellers.Add(_self);
        stand.ForgetAt = now + KeptAfterwards;
        return ++_incarnation;
    }

    public void TookOver(int vip, TimeSpan now)
    {
        RecordedVip stand = _vips[vip];
        stand.IsTakingOver = false;
        if (!stand.IsOwned)
        {
            Abandon(vip);
            return;
        }
        if (stand.IsClear) { _host.Cleared(vip, stand.Losses); }
        Tell(vip, now);
        stand.ResetLostAt = now + CheckAfter;
    }

    /// <summary>
    /// This node is owner no more, by accident, and nobody else is known to be: what it has of sessions goes on should it be the next owner. Else
    /// <see cref="Lost"/> follows. Until then they are told of as before, for whoever is owner next.
    /// </summary>
    public void Slipped(int vip)
    {
        RecordedVip stand = _vips[vip];
        (stand.IsOwned, stand.IsKept, stand.CheckAt) = (false, true, TimeSpan.MaxValue);
        _host.StopAsking(vip);
    }

    /// <summary>This node is owner no more. It may ask for the VIP again once <see cref="IRecordHost.Cleared"/> has said so.</summary>
    /// <param name="isWaitedFor">False: its sessions have been ended already, and nobody waits for <see cref="IRecordHost.Cleared"/>.</param>
    public void Lost(int vip, bool isWaitedFor = true)
    {
        RecordedVip stand = _vips[vip];
        (stand.IsOwned, stand.IsKept, stand.CheckAt) = (false, false, TimeSpan.MaxValue);
        EndTelling(vip);
        if (!isWaitedFor) { return; }
        stand.Losses++;
        Abandon(vip);
    }

    /// <summary>Sessions that this node is about to end without a packet. Whoever is owner, be it this node again, resets what does not run there.</summary>
    /// <param name="records">As the host wrote them.</param>
    public void Abandoning(int vip, byte[] records, TimeSpan now)
    {
        ArgumentNullException.ThrowIfNull(records);
        if (!_isOn) { return; }
        NoteLost(vip, new(records, IsOwn: true, TellLost(vip, records, now), now + OwnLostFor), now);
    }

    public void Abandoned(int vip)
    {
        RecordedVip stand = _vips[vip];
        stand.Abandonments--;
        if (stand.IsClear) { _host.Cleared(vip, stand.Losses); }
    }

    /// <summary>Another node owns it.</summary>
    public void OwnerIs(int vip, NodeId owner, TimeSpan now)
    {
        if (owner == _self) { return; }
        RecordedVip stand = _vips[vip];
        if (stand.OwnerElsewhere != owner) { (stand.OwnerElsewhere, stand.ForgetAt) = (owner, now + KeptAfterwards); }
        Drop(vip);
    }

    /// <summary>This node owns the VIP, and so did another one, which is to yield.</summary>
    public void RivalMet(int vip, TimeSpan now)
    {
        RecordedVip stand = _vips[vip];
        if (!_isOn || !stand.IsOwned) { return; }
        stand.ResetLostAt = now + CheckAfter;
        TimeSpan soonest = now + CheckAfter, next = stand.CheckedAt + CheckPause;
        stand.CheckAt = Earlier(stand.CheckAt, soonest > next ? soonest : next);
    }

    /// <summary>This node is about to ask for the VIP: its owner is silent.</summary>
    public void Contending(int vip)
    {
        RecordedVip stand = _vips[vip];
        if (stand.IsOwned || stand.Tellers.Count == 0) { return; }
        stand.IsRestored = true;
        _host.Restore(vip);
    }

    public void ViewChanged(ClusterView view, TimeSpan now)
    {
        ArgumentNullException.ThrowIfNull(view);
        ImmutableArray<NodeId> before = _members;
        _members = view.Members;
        bool somebodyCame = _members.Any(member => member != _self && !before.Contains(member));
        if (somebodyCame)
        {
            _cameAt = now;
            TellLost(now, somebodyCame);
        }
        if (!HearsOthers) { KeepLost(now); }
        for (int vip = 0; vip < _vips.Length; vip++)
        {
            RecordedVip stand = _vips[vip];
            if (stand.IsOwned || stand.IsKept)
            {
                if (!HasListeners) { EndTelling(vip); }
                else if (!stand.IsTold || somebodyCame) { Tell(vip, now); }
            }
            if (stand.IsOwned)
            {
                if (somebodyCame) { RivalMet(vip, now); }   // as far as this node knows
            }
            else if (stand.IsGone)
            {
                continue;
            }
            else if (before.Any(member => !_members.Contains(member) && (stand.Tellers.Contains(member) || member == stand.OwnerElsewhere)))
            {
                Contending(vip);
            }
            else if (_members.Any(member => !before.Contains(member) && (stand.Tellers.Contains(member) || member == stand.OwnerElsewhere)))
            {
                Drop(vip);
            }
        }
    }

    /// <summary>The engine had no room for some records.</summary>
    public void SomeWereLost() => _someLost = true;

    /// <summary>Who keeps records on this host knows nothing yet.</summary>
    public void KeeperCame(TimeSpan now) => TellAll(now);

    /// <summary>Records of an earlier life of this node are there: should it be the next owner, it goes on with those sessions as with another node's.</summary>
    /// <returns>False: they are of no use, since this node owns the VIP already, or another one has it, or `hand-over` is not full.</returns>
    public bool TakesOwn(int vip)
    {
        if (vip >= _vips.Length) { return false; }      // a reload has brought it just now
        RecordedVip stand = _vips[vip];
        if (!_isOn || stand.IsOwned || stand.OwnerElsewhere is not null) { return false; }
        stand.Tellers.Add(_self);
        return true;
    }

    /// <param name="body">Of a message of kind Records; what it doesn't understand it counts and leaves.</param>
    public void MessageArrived(NodeId sender, ReadOnlySpan<byte> body, TimeSpan now)
    {
        if (sender == _self) { return; }
        if (!RecordMessages.TryRead(body, out uint key, out bool areLost, out ReadOnlySpan<byte> records))
        {
            _rejectedTotal++;
            return;
        }
        int vip = Array.FindIndex(_vips, stand => stand.Key == key && !stand.IsGone);
        if (vip < 0)
        {
            UnknownVipTotal++;
            return;
        }
        if (!_isOn) { return; }
        if (areLost)
        {
            NoteLost(vip, new(records.ToArray(), IsOwn: false, TellAt: TimeSpan.MaxValue, now + (HearsOthers ? KeptAfterwards : OwnLostFor)), now);
            return;
        }
        // Also where this node owns the VIP as far as it knows: one that stood still may hear its successor first, and then that it is owner no more.
        _vips[vip].Tellers.Add(sender);
        if (_host.Take(sender, vip, records) is not null) { _rejectedTotal++; }
    }

    /// <returns>When something is due next, on the clock; <see cref="TimeSpan.MaxValue"/>: nothing.</returns>
    public TimeSpan Tick(TimeSpan now)
    {
        TellLost(now, somebodyCame: false);
        TimeSpan due = Earlier(Earlier(ForgetFormerOwners(now), ResetLost(now)), Earlier(ForgetLost(now), CheckSessions(now)));
        if (!_someLost) { return due; }
        if (now < _toldAt + TellAgain) { return Earlier(due, _toldAt + TellAgain); }
        _someLost = false;
        TellAll(now);
        return due;
    }

    private TimeSpan ForgetFormerOwners(TimeSpan now)
    {
        TimeSpan due = TimeSpan.MaxValue;
        for (int vip = 0; vip < _vips.Length; vip++)
        {
            RecordedVip stand = _vips[vip];
            if (now >= stand.ForgetAt)
            {
                stand.ForgetAt = stand.IsRestored ? now + KeptAfterwards : TimeSpan.MaxValue;
                if (!stand.IsRestored) { Forget(vip, except: stand.OwnerElsewhere); }
            }
            due = Earlier(due, stand.ForgetAt);
        }
        return due;
    }

    private TimeSpan ForgetLost(TimeSpan now)
    {
        TimeSpan due = TimeSpan.MaxValue;
        for (int vip = 0; vip < _vips.Length; vip++)
        {
            ForgetLost(vip, lost => now >= lost.ForgetAt);
            foreach (LostRecords lost in _vips[vip].Lost) { due = Earlier(due, Earlier(lost.TellAt, lost.ForgetAt)); }
        }
        return due;
    }

    private void ForgetLost(int vip, Predicate<LostRecords> which)
    {
        foreach (LostRecords lost in _vips[vip].Lost.FindAll(which)) { _lostBytes -= lost.Records.Length; }
        _vips[vip].Lost.RemoveAll(which);
    }

    /// <summary>Alone nothing is reset of others' lists: they are of use once another node is heard again, for as long as its own would be.</summary>
    private void KeepLost(TimeSpan now)
    {
        foreach (RecordedVip stand in _vips)
        {
            List<LostRecords> lists = stand.Lost;
            for (int i = 0; i < lists.Count; i++)
            {
                if (!lists[i].IsOwn) { lists[i] = lists[i] with { ForgetAt = now + OwnLostFor }; }
            }
        }
    }

    private void NoteLost(int vip, in LostRecords lost, TimeSpan now)
    {
        RecordedVip stand = _vips[vip];
        if (_lostBytes + lost.Records.Length > LostBytesMax)
        {
            _rejectedTotal++;
            return;
        }
        _lostBytes += lost.Records.Length;
        stand.Lost.Add(lost);
        stand.ResetLostAt = now + CheckAfter;
    }

    /// <summary>Once this node has the VIP, and sockets of all that goes on here, and nobody else can have it: so not while it hears no other node.</summary>
    private TimeSpan ResetLost(TimeSpan now)
    {
        TimeSpan due = TimeSpan.MaxValue;
        for (int vip = 0; vip < _vips.Length; vip++)
        {
            RecordedVip stand = _vips[vip];
            if (stand is not { IsOwned: true, IsTakingOver: false, Lost.Count: > 0 } || !HearsOthers) { continue; }
            if (now < stand.ResetLostAt)
            {
                due = Earlier(due, stand.ResetLostAt);
                continue;
            }
            foreach (LostRecords lost in stand.Lost) { _host.ResetLost(vip, lost.Records); }
            ForgetLost(vip, _ => true);
        }
        return due;
    }

    /// <summary>To hear it twice does no harm: so whoever comes is told, and who was there before with it.</summary>
    private void TellLost(TimeSpan now, bool somebodyCame)
    {
        for (int vip = 0; vip < _vips.Length; vip++)
        {
            RecordedVip stand = _vips[vip];
            for (int i = 0; i < stand.Lost.Count; i++)
            {
                if (stand.Lost[i] is { IsOwn: true } lost && (somebodyCame || now >= lost.TellAt))
                {
                    stand.Lost[i] = lost with { TellAt = TellLost(vip, lost.Records, now) };
                    if (somebodyCame) { stand.ResetLostAt = now + CheckAfter; }
                }
            }
        }
    }

    /// <returns>When it is to be told again if nobody comes before.</returns>
    private TimeSpan TellLost(int vip, byte[] records, TimeSpan now) =>
        !HearsOthers || _host.TellLost(vip, records) ? TimeSpan.MaxValue : now + TellLostAgain;

    private TimeSpan CheckSessions(TimeSpan now)
    {
        TimeSpan due = TimeSpan.MaxValue;
        for (int vip = 0; vip < _vips.Length; vip++)
        {
            RecordedVip stand = _vips[vip];
            if (now >= stand.CheckAt)
            {
                (stand.CheckAt, stand.CheckedAt) = (TimeSpan.MaxValue, now);
                _host.Check(vip);
            }
            due = Earlier(due, stand.CheckAt);
        }
        return due;
    }

    private static TimeSpan Earlier(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private void TellAll(TimeSpan now)
    {
        for (int vip = 0; vip < _vips.Length; vip++)
        {
            if (_vips[vip].IsTold) { Tell(vip, now); }
        }
    }

    private void Tell(int vip, TimeSpan now)
    {
        RecordedVip stand = _vips[vip];
        if (!_isOn || !HasListeners || stand.IsTakingOver) { return; }
        (stand.IsTold, _toldAt) = (true, now);
        _host.Begin(vip, ++_incarnation);
    }

    private void EndTelling(int vip)
    {
        if (!_vips[vip].IsTold) { return; }
        _vips[vip].IsTold = false;
        _host.End(vip);
    }

    private void Abandon(int vip)
    {
        _vips[vip].Abandonments++;
        _host.Abandon(vip);
    }

    private void Drop(int vip)
    {
        if (!_vips[vip].IsRestored) { return; }
        _vips[vip].IsRestored = false;
        _host.Drop(vip);
    }

    private void Forget(int vip, NodeId? except)
    {
        foreach (NodeId teller in _vips[vip].Tellers.Where(teller => teller != except).ToArray())
        {
            _vips[vip].Tellers.Remove(teller);
            _host.Forget(teller, vip);
        }
    }
}
