using System;
using System.Diagnostics;
using System.Linq;
using System.Net;
using System.Threading;
using System.Threading.Tasks;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Cluster.Events;
using ExchangeLb.Cluster.Moving;
using ExchangeLb.Cluster.Ownership;
using ExchangeLb.Cluster.Reports;
using ExchangeLb.Core.Model;
using ExchangeLb.Proxy;
using ExchangeLb.Proxy.Sessions;

namespace ExchangeLb.Clustering;

/// <summary>
/// What follows from a change of owner: stick entries get the owner's epoch, the sessions of a VIP that has gone are cut, people and the hook are
/// told. Called on the lease thread, so anything that takes time happens elsewhere.
/// </summary>
/// <param name="setEpoch">Gives the stick tables the epoch under which this node writes from now on.</param>
/// <param name="drained">Tells the protocol that the young connections of a VIP have got what they came for.</param>
/// <param name="moving">Moves established sessions along; null: they end with the hand-over.</param>
/// <param name="recording">Lets quiet sessions outlive their owner; null: they end with it.</param>
/// <param name="withhold">Keeps this node from asking for a VIP again until nothing of its sessions is left here.</param>
/// <param name="reportOf">The last report of a node, which tells in which form it takes sessions (<see cref="Cluster.Moving.MoveMessages.Form"/>); null: it has told nothing.</param>
internal sealed class OwnershipListener(
    ClusterSetup setup, LoadBalancer balancer, EventJournal journal, HookRunner hook, Action<uint> setEpoch, Action<int> drained,
    MovingThread? moving, RecordingThread? recording, Action<int> withhold, Func<NodeId, NodeReport?> reportOf)
    : IOwnershipObserver
{
    /// <summary>A connection younger than this may be in the middle of its handshake or of a short exchange.</summary>
    private const int YoungMs = 300;
    private static readonly TimeSpan CutWithin = TimeSpan.FromMilliseconds(50);

    /// <summary>By VIP: lost by accident; its sessions wait for who is owner next.</summary>
    private readonly bool[] _isKept = new bool[VipPlaces.Max];

    private readonly string?[] _conflicts = new string?[VipPlaces.Max];

    /// <summary>Who else uses a VIP, as a hardware address; null: nobody was seen.</summary>
    public string? Conflicting(int vip) => Volatile.Read(ref _conflicts[vip]);

    public void Acquired(int vip, uint epoch)
    {
        setEpoch(epoch);
        Volatile.Write(ref _conflicts[vip], null);
        string kept = _isKept[vip] && HasConnections(vip) ? " again, and goes on with its connections" : "";
        _isKept[vip] = false;
        recording?.Acquiring(vip);
        moving?.Acquired(vip);
        journal.Write("owner", $"{setup.Self.Name} (this node) owns {Vip(vip)}{kept}");
        hook.Tell(new HookEvent("acquired", Text(vip), setup.Self.Name, setup.Self.Name, ""));
    }

    public void Lost(int vip, string reason, VipLoss loss)
    {
        journal.Write("released", $"{setup.Self.Name} (this node) gave up {Vip(vip)}: {reason}");
        hook.Tell(new HookEvent("lost", Text(vip), "", setup.Self.Name, reason));
        if (loss == VipLoss.ByAccident && recording?.IsUndecided(vip) != true)     // which of those go on could not be found out without the VIP
        {
            _isKept[vip] = true;
            moving?.Lost(vip, SessionsLeft.AreKept);
            return;
        }
        End(vip, moved: loss == VipLoss.WithSessions);
    }

    /// <summary>Sessions that waited for who is owner next end, if there are any: another node is, or this one wants the VIP no more.</summary>
    public void EndKept(int vip)
    {
        if (!_isKept[vip]) { return; }
        _isKept[vip] = false;
        if (HasConnections(vip)) { journal.Write("released", $"connections of {Vip(vip)} that waited for it to come back end here"); }
        End(vip, moved: false);
    }

    public void EndAllKept()
    {
        for (int vip = 0; vip < setup.Model.Vips.Length; vip++) { EndKept(vip); }
    }

    /// <summary>What is left here of the sessions of a VIP that was lost.</summary>
    /// <param name="moved">The others go on at the next owner.</param>
    private void End(int vip, bool moved)
    {
        bool withheld = recording is { IsOn: true };
        if (moved || !withheld)
        {
            balancer.Movable.Forget(Vip(vip));      // what is frozen belongs to the next owner, or to nobody: it must not say goodbye
        }
        if (!withheld)
        {
            balancer.CutSessions(Vip(vip), late: true);     // nobody has records of them; and the address is another node's by now
        }
        else
        {
            withhold(vip);      // another node may go on with them: they end here without a packet, as the moving thread tells
        }
        moving?.Lost(vip, withheld ? SessionsLeft.AreEnding : SessionsLeft.AreCut);
    }

    /// <summary>Its clients hear now that their connections end: nobody goes on with them, and in a moment they can't be reached.</summary>
    public void Retiring(int vip)
    {
        balancer.CutSessions(Vip(vip));
        journal.Write("released", $"no other node has {Vip(vip)}, or can serve it: its connections end");
    }

    public void Contending(int vip) => recording?.Contending(vip);

    public void OwnerChanged(int vip, NodeId? owner)
    {
        if (owner is { } other && other != setup.SelfId)
        {
            EndKept(vip);
            moving?.OwnerIs(vip, other);
            recording?.OwnerIs(vip, other);
            journal.Write("owner", $"{setup.NameOf(other)} owns {Vip(vip)}");
            hook.Tell(new HookEvent("owner", Text(vip), setup.NameOf(other), setup.Self.Name, ""));
        }
    }

    public void UsedElsewhere(int vip) => EndKept(vip);

    public void RivalMet(int vip) => recording?.RivalMet(vip);

    public void Conflict(int vip, ulong hardwareAddress, NodeId? node)
    {
        string text = string.Join(':', Enumerable.Range(0, 6).Select(i => $"{(byte)(hardwareAddress >> (40 - (8 * i))):x2}"));
        if (Interlocked.Exchange(ref _conflicts[vip], text) != text)
        {
            journal.Write("conflict", node is { } absent
                ? $"{Vip(vip)} is used by {text}, the host of {setup.NameOf(absent)}, which this node does not hear: another program has the address there, or the two are cut off from each other"
                : $"{Vip(vip)} is used by {text}, which is no node of this cluster: two hosts have the same address");
        }
    }

    public bool HandingOver(int vip, NodeId target, ulong move, bool urgent)
    {
        bool moves = Moves(vip, target);
        if (moves)
        {
            moving!.Begin(vip, target, move, urgent, reportOf(target) is { TakesWaiting: true });
        }
        else
        {
            long began = Stopwatch.GetTimestamp();
            bool ends = EndsThem(target);
            _ = Task.Run(() => DrainAsync(vip, ends ? began : null));
        }
        return moves;
    }

    /// <summary>New connections wait: tells the protocol, and those that move sessions, when young ones have got what they came for.</summary>
    public void Drain(int vip) => _ = Task.Run(() => DrainAsync(vip, cutSince: null));

    public void Note(string kind, string text) => journal.Write(kind, text);

    /// <summary>Asks the loops until they say that nobody is in the middle of something; the protocol itself bounds how long it waits.</summary>
    /// <param name="cutSince">Established ones are reset here: before the release where they are few, which waits for 60 ms from then on. Null: they are not touched.</param>
    private async Task DrainAsync(int vip, long? cutSince)
    {
        for (int turn = 0; turn < (cutSince is null ? 40 : 10); turn++)
        {
            if (await CountYoungAsync(vip).ConfigureAwait(false) == 0)
            {
                break;
            }
        }
        if (cutSince is { } began && Stopwatch.GetElapsedTime(began) < CutWithin)     // afterwards they may be of another time in which this node is owner
        {
            await balancer.CutSessionsAsync(Vip(vip), late: true).ConfigureAwait(false);     // late: the release may overtake it
        }
        drained(vip);
        moving?.YoungDone(vip);
    }

    private async Task<int?> CountYoungAsync(int vip)
    {
        YoungSessions young = balancer.CountYoung([Vip(vip)], YoungMs);
        do
        {
            await Task.Delay(1).ConfigureAwait(false);
        }
        while (young.Count is null);
        return young.Count;
    }

    /// <summary>None of its connections goes on at this node, not even a quiet one. Any thread.</summary>
    public bool EndsThem(NodeId target) => moving is null || setup.Model.HandOver == HandOverMode.Off || moving.HostLack is not null || reportOf(target) is { MoveForm: 0 };

    /// <summary>Why a VIP that may as well stay does not go to this node: its connections could move, and would end there. Any thread.</summary>
    public string? Objection(int vip, NodeId target) => moving is { HostLack: null } && HasSomeToMove(vip) && LackOf(target) is { } lack
        ? $"its connections would end, for {lack}; 'exchangelb standby' moves it all the same"
        : null;

    /// <summary>Whether there is something to move, and both nodes can.</summary>
    private bool Moves(int vip, NodeId target)
    {
        if (!HasSomeToMove(vip))
        {
            return false;
        }
        string? obstacle = moving!.HostLack is { } lack ? $"this host can't move them: {lack}" : LackOf(target);
        if (obstacle is not null)
        {
            journal.Write("moved", $"connections of {Vip(vip)} end with the hand-over: {obstacle}");
        }
        return obstacle is null;
    }

    /// <summary>Somebody is connected, or waits for it. Any thread.</summary>
    public bool HasConnections(int vip) => balancer.Movable.Count(Vip(vip)) > 0;

    /// <summary>Why none of its connections goes along to this node; null: they do, or nothing keeps them from it. Any thread.</summary>
    public string? WhyTheyEnd(NodeId target) => setup.Model.HandOver == HandOverMode.Off ? "'hand-over off'" : moving?.HostLack ?? LackOf(target);

    private bool HasSomeToMove(int vip) => moving is not null && setup.Model.HandOver != HandOverMode.Off && HasConnections(vip);

    private string? LackOf(NodeId target) => reportOf(target) switch
    {
        null => $"{setup.NameOf(target)} has not said yet whether it takes any",
        { MoveForm: MoveMessages.Form } => null,
        _ => $"{setup.NameOf(target)} takes none: see its events, its cluster.cfg and its version",
    };

    private IPAddress Vip(int vip) => setup.Model.Vips[vip].Address;

    private string Text(int vip) => Vip(vip).ToString();
}
