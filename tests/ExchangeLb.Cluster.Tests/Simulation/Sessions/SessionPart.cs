using System;
using System.Collections.Generic;
using System.Linq;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Cluster.Messages;
using ExchangeLb.Cluster.Ownership;
using ExchangeLb.Cluster.Tests.Engine.Simulated;

namespace ExchangeLb.Cluster.Tests.Simulation.Sessions;

/// <summary>The sessions of one process: it opens them, lets bytes pass, and ends them; <see cref="MovingSide"/> and <see cref="RecordingSide"/> do the rest, as the program composes them.</summary>
internal sealed class SessionPart : ISimulatedPart
{
    private const int SessionsMax = 8;

    /// <summary>With a short lease and lost messages a VIP may be lost, asked for, or come back and be handed over at the very end; then there must be time to tidy up.</summary>
    private static readonly TimeSpan TidiedUp = TimeSpan.FromSeconds(2.5);

    private readonly SimulatedProcess _process;
    private readonly List<SessionSockets>[] _sockets;
    private readonly bool[] _owned;

    /// <summary>By VIP: lost by accident; its sessions wait here for who is owner next.</summary>
    private readonly bool[] _kept;
    private TimeSpan _unsettledAt = TimeSpan.FromDays(-1);
    private TimeSpan _nextMoment;

    internal SessionPart(SessionStory story, SimulatedWorld world, SimulatedProcess process)
    {
        (Story, World, _process) = (story, world, process);
        int vips = world.Model.Vips.Length;
        _sockets = [.. Enumerable.Range(0, vips).Select(_ => new List<SessionSockets>())];
        (_owned, _kept) = (new bool[vips], new bool[vips]);
        Recording = new(this, process);
        Moving = new(this, process);
        Guard = story.GuardOf(world, process.Node);
        Guard.GreetedBy(this);
    }

    internal SessionStory Story { get; }
    internal SimulatedWorld World { get; }
    internal SimulatedNode Node => _process.Node;
    internal MovingSide Moving { get; }
    internal RecordingSide Recording { get; }
    internal SimulatedGuard Guard { get; }
    internal TimeSpan Now => Node.Local(World.Time.Now);

    /// <summary>Nothing has happened lately that takes time to get over.</summary>
    internal bool IsSettled => World.Time.Now - _unsettledAt >= TidiedUp;

    public bool IsIdle => Moving.IsIdle && !Enumerable.Range(0, _owned.Length).Any(_process.Withheld);

    internal int VipCount => _owned.Length;

    internal bool Owns(int vip) => _owned[vip];

    internal bool Keeps(int vip) => _kept[vip];

    internal List<SessionSockets> SocketsOf(int vip) => _sockets[vip];

    internal SessionSockets? Find(SimulatedSession session) => _sockets[session.Vip].Find(sockets => sockets.Session == session);

    /// <summary>The service network carries packets between this node and both ends.</summary>
    internal bool ReachesBoth(SimulatedSession session) => Reaches(session.Client) && Reaches(session.Server);

    internal bool ReachesAny(SimulatedSession session) => Reaches(session.Client) || Reaches(session.Server);

    internal SessionSockets Run(SimulatedSession session, SessionImage image)
    {
        SessionSockets sockets = new(session, image);
        _sockets[session.Vip].Add(sockets);
        Story.Ran(session, this);
        return sockets;
    }

    /// <summary>Both of its ends are told by a reset.</summary>
    internal void Reset(SessionSockets sockets)
    {
        Recording.SayEnded(sockets);
        Close(sockets);
        Story.End(sockets.Session);
    }

    /// <summary>Its sockets are closed, without a packet.</summary>
    internal void Close(SessionSockets sockets)
    {
        _sockets[sockets.Session.Vip].Remove(sockets);
        Story.Left(sockets.Session, this);
    }

    internal void CloseAll(int vip, bool frozenOnly)
    {
        foreach (SessionSockets sockets in _sockets[vip].ToArray())
        {
            if (sockets.IsFrozen || !frozenOnly) { Close(sockets); }
        }
    }

    internal void Unsettle() => _unsettledAt = World.Time.Now;

    internal void Do(Action order) => _process.Do(_ => order());

    /// <summary>The guard is gone, and with it what it held.</summary>
    internal void KeeperLost()
    {
        foreach (List<SessionSockets> all in _sockets) { all.ForEach(sockets => sockets.IsHeld = false); }
    }

    public void ViewChanged(ClusterView view)
    {
        Moving.ViewChanged(view);
        Recording.ViewChanged(view);
    }

    public void MessageArrived(MessageKind kind, NodeId sender, ReadOnlySpan<byte> body)
    {
        if (kind == MessageKind.HandOver) { Moving.MessageArrived(sender, body); }
        if (kind == MessageKind.Records) { Recording.MessageArrived(sender, body); }
    }

    public void Acquired(int vip, uint epoch)
    {
        foreach (SessionSockets left in _sockets[vip])
        {
            if (_kept[vip]) { break; }
            World.Fail($"lb{Node.Id} owns vip {vip} again with sockets of session {left.Session.Id} from an earlier time, last run by lb{left.Session.LastRunner?.Node.Id}");
        }
        if (_kept[vip]) { Story.Tally.KeptThroughLoss += _sockets[vip].Count; }
        foreach (SessionSockets sockets in _sockets[vip])
        {
            sockets.Session.IsDisputed |= sockets.MayBeStale && sockets.Session.Runners.Exists(runner => runner != this && runner.Owns(vip));    // in a split
        }
        (_owned[vip], _kept[vip]) = (true, false);
        Recording.Acquiring(vip);
        Unsettle();
        Moving.Acquired(vip);
    }

    public void Lost(int vip, VipLoss loss)
    {
        _owned[vip] = false;
        Unsettle();
        if (loss == VipLoss.ByAccident && !Recording.IsUndecided(vip))
        {
            _kept[vip] = true;
            Moving.Lost(vip, areKept: true);
            return;
        }
        End(vip);
    }

    private void EndKept(int vip)
    {
        if (!_kept[vip] || World.Mutation == Mutation.KeptSessionsStay) { return; }
        _kept[vip] = false;
        End(vip);
    }

    private void End(int vip)
    {
        CloseAll(vip, frozenOnly: true);    // what is frozen belongs to the next owner, or to nobody
        Recording.Withhold(vip);
        Moving.Lost(vip, areKept: false);
    }

    public bool HandingOver(int vip, NodeId target, ulong move, bool urgent)
    {
        int count = _sockets[vip].Count;
        if (count > 0)
        {
            Unsettle();
            Moving.Begin(vip, target, move, count, urgent);
        }
        return count > 0;
    }

    public void OwnerChanged(int vip, NodeId? owner)
    {
        if (owner is not { } other || other == Node.Id) { return; }
        EndKept(vip);
        Moving.OwnerIs(vip, other);
        Recording.OwnerIs(vip, other);
    }

    public void Contending(int vip)
    {
        Unsettle();
        Recording.Contending(vip);
    }

    public void UsedElsewhere(int vip) => EndKept(vip);

    public void RivalMet(int vip) => Recording.RivalMet(vip);

    public void Leave()
    {
        Moving.Leave();
        for (int vip = 0; vip < _kept.Length; vip++) { EndKept(vip); }
    }

    /// <summary>The kernel closes what a dead process leaves, and says so where packets pass; but what its guard has duplicates of stays, and acknowledges.</summary>
    public void Ended(bool guarded)
    {
        for (int vip = 0; vip < _sockets.Length; vip++)
        {
            foreach (SessionSockets sockets in _sockets[vip].ToArray())
            {
                Close(sockets);
                if (guarded && sockets.IsHeld) { Leave(sockets.Session); }
                else if (Node.IsUp && Node.Kernel.Passes(vip) && ReachesAny(sockets.Session)) { Story.End(sockets.Session); }
            }
        }
        Guard.Ended(this, guarded);
    }

    public void GuardReleased()
    {
        Story.CloseDuplicates(Node.Id);
        Guard.Released(this);
    }

    public TimeSpan Tick(TimeSpan now)
    {
        TimeSpan due = Moving.Tick(now);
        TimeSpan other = Recording.Tick(now);
        due = other < due ? other : due;
        if (World.IsQuiet || !Array.Exists(_owned, owned => owned)) { return due; }
        if (now >= _nextMoment)
        {
            _nextMoment = now + WireNoise.Ms(15 + (90 * World.Random.NextDouble()));
            for (int vip = 0; vip < _owned.Length; vip++)
            {
                if (_owned[vip]) { LetTimePass(vip); }
            }
        }
        return _nextMoment < due ? _nextMoment : due;
    }

    /// <summary>After a quiet time: what a mechanism has not done with.</summary>
    internal string? LeftOver() => IsSettled ? Moving.LeftOver() ?? Recording.LeftOver() ?? SocketsLeft() : null;

    /// <summary>Should one of its ends speak now: null when it is answered, by the session's next bytes or by a reset.</summary>
    internal string? HangOf(SimulatedSession session)
    {
        if (!ReachesBoth(session)) { return null; }
        if (Find(session) is { } sockets) { return sockets.IsFrozen ? "it is frozen" : sockets.Image.WrongFor(session.Ends); }
        return Moving.Has(session) ? "it was adopted, and does not run"
            : Recording.Has(session) ? "it was restored, and does not run"
            : Story.IsDuplicate(Node.Id, session) ? "the guard has it"
            : null;
    }

    /// <summary>Should neither of its ends ever speak: null when nobody has told this owner that it was lost.</summary>
    internal string? Silent(SimulatedSession session) =>
        session.Runners.Count == 0 && Owns(session.Vip) && ReachesAny(session) && Recording.HasToReset(session) ? "it was lost, and its ends were not told" : null;

    private string? SocketsLeft()
    {
        for (int vip = 0; vip < _owned.Length; vip++)
        {
            if (!_owned[vip] && _sockets[vip].Count > 0) { return $"lb{Node.Id} still has sockets of a session of vip {vip}, which it does not own"; }
        }
        return null;
    }

    private bool Reaches(NodeId end) => end == Node.Id || World.Service.Connects(Node.Id, end);

    private void LetTimePass(int vip)
    {
        if (!Node.Kernel.Passes(vip)) { return; }
        List<SessionSockets> all = _sockets[vip];
        for (int i = all.Count - 1; i >= 0; i--) { LetTimePass(all[i]); }
        ResetUnknown(vip);
        if (all.Count < SessionsMax) { Open(vip); }
    }

    private void LetTimePass(SessionSockets sockets)
    {
        SimulatedSession session = sockets.Session;
        if (sockets.IsFrozen || !ReachesBoth(session)) { return; }
        int what = World.Random.Next(40);
        if ((session.IsDisputed || sockets.MayBeStale) && !session.HasEnded && sockets.Image != session.Ends) { return; }    // no byte of it is taken at either side
        if (session.HasEnded || what == 0)
        {
            Reset(sockets);
            return;
        }
        bool quiet = what > 3;
        bool late = World.Random.Next(2) == 0;      // bytes have passed before the others hear that they do
        if (!quiet && late) { Exchange(sockets); }
        Recording.SayStand(sockets, quiet);
        if (!quiet && !late) { Exchange(sockets); }
    }

    /// <summary>Bytes of both streams come, and others go on; what is not passed on at once is in its hands.</summary>
    private void Exchange(SessionSockets sockets)
    {
        SimulatedSession session = sockets.Session;
        if (sockets.Image.WrongFor(session.Ends) is { } wrong)
        {
            World.Fail($"lb{Node.Id} runs session {session.Id} and {wrong}; lb{session.LastRunner?.Node.Id} ran it last");
            return;
        }
        Random random = World.Random;
        SessionImage image = sockets.Image;
        (int up, int down) = (image.UpTaken + random.Next(1, 9), image.DownTaken + random.Next(9));
        sockets.Image = session.Ends = new(up, random.Next(image.UpPassed, up + 1), down, random.Next(image.DownPassed, down + 1));
    }

    private void Open(int vip)
    {
        NodeId near = AnyReached();
        SimulatedSession session = Story.Open(vip, near, World.Random.Next(4) == 0 ? AnyReached() : near);
        Recording.SayStand(Run(session, default), quiet: false);
    }

    private NodeId AnyReached()
    {
        NodeId node = World.Nodes[World.Random.Next(World.Nodes.Length)].Id;
        return Reaches(node) ? node : Node.Id;
    }

    /// <summary>A packet that finds no socket is answered by a reset. Who has something to say says it sooner or later; others only wait.</summary>
    private void ResetUnknown(int vip)
    {
        foreach (SimulatedSession session in Story.Of(vip))    // a dictionary bears that one is removed
        {
            if (session.IsSilent || session.Runners.Contains(this) || World.Random.Next(4) != 0 || !ReachesAny(session) || IsKnown(session)) { continue; }
            if (World.Tracing) { World.Trace(Node, $"resets session {session.Id} of vip {vip}, of which it has no socket"); }
            Story.Tally.Reset++;
            Story.End(session);
        }
    }

    private bool IsKnown(SimulatedSession session) => Moving.Has(session) || Recording.Has(session);

    /// <summary>Until the guard has fenced, the kernel may acknowledge bytes that nobody will ever read.</summary>
    private void Leave(SimulatedSession session)
    {
        Story.Duplicate(Node.Id, session);
        if (World.Random.Next(4) != 0) { return; }
        World.Time.After(WireNoise.Ms(20 * World.Random.NextDouble()), () =>
        {
            if (!session.HasEnded && Story.IsDuplicate(Node.Id, session) && Node.Kernel.Passes(session.Vip) && Reaches(session.Client))
            {
                session.Ends = session.Ends with { UpTaken = session.Ends.UpTaken + 1 };
            }
        });
    }
}
