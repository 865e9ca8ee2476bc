using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Cluster.Ownership;
using ExchangeLb.Core.Model;
using ExchangeLb.Linux.Calls;
using ExchangeLb.Linux.Frames;
using ExchangeLb.Linux.Netlink;
using ExchangeLb.Linux.Nftables;
using ExchangeLb.Linux.Polling;

namespace ExchangeLb.Cluster.Kernel;

/// <summary>
/// The VIPs in this host's kernel: fence and leases in nftables, addresses by rtnetlink, questions and announcements as raw frames. Owner: the lease thread,
/// which waits for <see cref="PollFd"/> and then calls <see cref="Drain"/>.
/// </summary>
public sealed partial class VipKernel : IVipKernel, IDisposable
{
    private const ulong RulesKey = 0;
    private const ulong RoutesKey = 1;
    private const ulong HeldKey = 2;
    private const ulong FirstLinkKey = 3;

    /// <summary>The release that ends a hold comes at its end at the latest, and a little later on a busy host: until then no SYN may slip through.</summary>
    private static readonly TimeSpan HoldSlack = TimeSpan.FromMilliseconds(40);

    /// <summary>A client's ARP entry follows the announcement within a millisecond; a busy host may take some more.</summary>
    private static readonly TimeSpan LateFramesLife = TimeSpan.FromMilliseconds(200);

    /// <summary>Addresses live for two whole seconds at least; four renewals are lost before one is missing.</summary>
    private static readonly TimeSpan AddressRenewal = TimeSpan.FromMilliseconds(500);

    /// <summary>Of one device, before others have their turn: who floods the wire shall not keep the lease thread.</summary>
    private const int SightingsAtOnce = 64;

    private ClusterModel _model;
    private readonly NodeId _self;
    private readonly IMonotonicClock _clock;
    private readonly EpollSet _events = new();
    private readonly EpollEvent[] _ready = new EpollEvent[16];
    private readonly RouteRequests _routes;
    private readonly RouteMonitor _routeMonitor;
    private readonly List<RouteChange> _routeChanges = [];
    private readonly FenceMender _fence;
    private readonly AddressKeeper _addresses;
    private readonly PeerSightings _peers;
    private readonly KernelVips _vips = new();
    private LinkFrames? _service;

    /// <param name="nft">Ours from now on.</param>
    internal VipKernel(ClusterModel model, NodeId self, IMonotonicClock clock, INftables nft, KernelFeatures features)
    {
        (_model, _self, _clock) = (model, self, clock);
        Features = features;
        _fence = new FenceMender(new Fence(nft, Features.Egress), _vips, Features, clock);
        _routes = RouteRequests.TryOpen(out SysResult result) ?? throw new InvalidOperationException($"rtnetlink: {result.Describe()}");
        _routeMonitor = RouteMonitor.TryOpen(out result) ?? throw new InvalidOperationException($"rtnetlink: {result.Describe()}");
        _addresses = new AddressKeeper((int)Math.Max(2, Math.Ceiling(3 * model.Timings.Lease.TotalSeconds)));
        _peers = new PeerSightings(model, self, _routes, clock);
        _events.Add(_fence.Fd, EpollBits.EPOLLIN, RulesKey);
        _events.Add(_routeMonitor.Fd, EpollBits.EPOLLIN, RoutesKey);
        _vips.Links = [.. DeviceNames().Select((device, index) => new LinkFrames(device, _events, FirstLinkKey + (ulong)index))];
        SetSenders(_vips.Links, model.Vips);
        foreach (LinkFrames link in _vips.Links) { link.Update(_routes.FindLink(link.Device)); }
        _vips.All = [.. model.Vips.Select(vip => new KernelVip(new VipTarget(vip), Features.Egress, _vips.LinkOf(vip.Device)))];
        NftOutcome installed = _fence.Install();
        if (!installed.Ok)
        {
            throw new InvalidOperationException($"nftables refused the fence: {installed.Text}");
        }
    }

    /// <summary>Readable when <see cref="Drain"/> has something to do.</summary>
    public int PollFd => _events.Fd;

    /// <summary>What this kernel can do, and what is done where it can't.</summary>
    public KernelFeatures Features { get; }

    /// <summary>Frames that hand-overs sent on to the new owner.</summary>
    public long PassedOnTotal { get; private set; }

    /// <summary>Frames that were held and not sent on: too many, or the new owner's hardware address wasn't known.</summary>
    public long HeldLostTotal { get; private set; }

    /// <summary>Times that others' changes of the fence were mended.</summary>
    public long MendedTotal => _fence.MendedTotal;

    /// <summary>Puts up the fence, closed, in place of what an earlier life left.</summary>
    /// <exception cref="InvalidOperationException">The host can't; the message says what it lacks and what to do.</exception>
    public static VipKernel Open(ClusterModel model, NodeId self, IMonotonicClock clock)
    {
        INftables nft = Nft.Open();
        try
        {
            return new VipKernel(model, self, clock, nft, KernelFeatures.Find(nft));
        }
        catch
        {
            nft.Dispose();
            throw;
        }
    }

    /// <summary>The VIP's device is up and has carrier.</summary>
    public bool LinkUp(int vip) => _vips[vip].Link.Up;

    public bool Release(int vip)
    {
        KernelVip state = _vips[vip];
        if (state.IsGone) { return true; }
        state.Held?.BeforeRelease();
        bool fenced = _fence.RunOrMend(state, commands => commands.Release());
        Released(state);
        return fenced;
    }

    public bool ReleaseFrozen(int vip)
    {
        KernelVip state = _vips[vip];
        state.Held?.BeforeRelease();
        _fence.Look();   // there was a moment without the fence, though it may stand again
        if (_fence.IsDue || !state.FrozenThroughout || !_fence.Run(state.Commands.ReleaseFrozen()))
        {
            return false;
        }
        Released(state);
        return true;
    }

    public bool Claim(int vip, TimeSpan life)
    {
        KernelVip state = _vips[vip];
        // The address comes first: without it the kernel would leave the probes that the claim is for unanswered. It is behind the fence.
        return !state.IsGone && Features.ToMs(life) is { } ms && state.Link.Link is { } link
            && _addresses.Add(state.Target, link.Index)
            && _fence.RunOrMend(state, commands => commands.Claim(ms));
    }

    public bool DropClaim(int vip)
    {
        KernelVip state = _vips[vip];
        bool dropped = _fence.RunOrMend(state, commands => commands.DropClaim());
        if (state.LeaseEnd is null)
        {
            _addresses.Remove(state.Target);
        }
        return dropped;
    }

    public bool Permit(int vip, TimeSpan life) => Features.ToMs(life) is { } ms && _fence.RunOrMend(_vips[vip], commands => commands.Permit(ms));

    public bool Commit(int vip, CommitKind kind, ulong incarnation, TimeSpan lease)
    {
        KernelVip state = _vips[vip];
        TimeSpan before = _clock.Now;
        if (Features.ToMs(lease) is not { } ms
            || !_fence.Run(kind == CommitKind.Acquire ? state.Commands.Acquire(incarnation, ms) : state.Commands.Renew(ms)))
        {
            return false;
        }
        state.LeaseEnd = before + lease;
        state.Incarnation = incarnation;
        if (kind == CommitKind.Acquire || before >= state.AddressDue)
        {
            state.AddressDue = before + AddressRenewal;
            _addresses.Renew(state.Target);
        }
        return true;
    }

    public void SendProbe(int vip) => _vips[vip].Link.SendProbe(_vips[vip].Target.Address);

    public void SendPeerProbe(NodeId peer)
    {
        if (Node(peer) is { } there && Node(_self) is { } here && there.Addresses[0].AddressFamily == here.Addresses[0].AddressFamily)
        {
            _service ??= FindService(here.Addresses[0]);
            (_service ?? _vips.All.FirstOrDefault()?.Link)?.SendRequest(here.Addresses[0], there.Addresses[0]);
        }
    }

    public void Announce(int vip)
    {
        KernelVip state = _vips[vip];
        if (_clock.Now < state.LeaseEnd)
        {
            state.Link.Announce(state.Target.Address);
        }
    }

    public bool HoldNew(int vip, TimeSpan life)
    {
        KernelVip state = _vips[vip];
        EndHold(state);
        state.LastUser = null;
        if (Features.ToMs(life + HoldSlack) is not { } ms || state.Link.Link is not { } link)
        {
            return false;
        }
        // First the socket: a SYN that comes between the two is at worst sent twice, which TCP does by itself.
        state.Held = HeldFrames.TryStart(state.Target, link, _clock.Now + life + HeldFramesLife, out _);
        if (state.Held is null || !_fence.RunOrMend(state, commands => commands.Hold(ms)))
        {
            EndHold(state);
            return false;
        }
        return true;
    }

    public bool Freeze(int vip, TimeSpan life)
    {
        KernelVip state = _vips[vip];
        TimeSpan now = _clock.Now;
        state.Held?.BeforeRelease();   // as before a release: what is waiting now met no fence
        if (Features.ToMs(life) is not { } ms || !_fence.RunOrMend(state, commands => commands.Freeze(ms)))
        {
            return false;
        }
        state.FrozenThroughout = true;
        Frozen(state, now + life);
        return true;
    }

    public bool KeepFrozen(int vip, TimeSpan life)
    {
        KernelVip state = _vips[vip];
        TimeSpan now = _clock.Now;
        if (!state.FrozenThroughout || Features.ToMs(life) is not { } ms || !_fence.Run(state.Commands.KeepFrozen(ms)))
        {
            return false;
        }
        Frozen(state, now + life);
        return true;
    }

    public bool Unfreeze(int vip)
    {
        KernelVip state = _vips[vip];
        (state.FrozenEnd, state.FrozenThroughout) = (null, false);
        EndHold(state);   // first: what passes from now on must not be kept
        return _fence.RunOrMend(state, commands => commands.Unfreeze());
    }

    public void PassOnNew(int vip, NodeId owner)
    {
        if (FindOwner(_vips[vip], owner) is var (held, own, mac))
        {
            PassedOnTotal += held.PassOnNew(own, mac);
            _ = Watch(held);
        }
    }

    public void PassOn(int vip, NodeId? owner)
    {
        KernelVip state = _vips[vip];
        bool goesOn = false;
        if (owner is { } node && FindOwner(state, node) is var (held, own, mac))
        {
            PassedOnTotal += held.PassOn(own, mac, _clock.Now + LateFramesLife);
            goesOn = Watch(held);
        }
        _fence.Run(state.Commands.DropHold());
        if (!goesOn)
        {
            EndHold(state);
        }
    }

    /// <summary>Takes in what has come since the last call. Never waits.</summary>
    /// <param name="observer">Hears of it; null: it is only learned.</param>
    public void Drain(IVipKernelObserver? observer)
    {
        SysResult count = _events.Wait(_ready, 0);
        for (int i = 0; i < count.Value; i++)
        {
            switch (_ready[i].Data)
            {
                case RulesKey: _fence.Look(); break;
                case RoutesKey: ReadRoutes(observer); break;
                case HeldKey: break;   // below, with what came without a sign
                default: ReadFrames(_vips.Links[(int)(_ready[i].Data - FirstLinkKey)], observer); break;
            }
        }
        if (_fence.MendInTime()) { observer?.RulesFlushed(); }
        foreach (KernelVip state in _vips.All)
        {
            if (state.Held is not { } held) { continue; }
            PassedOnTotal += held.PassOn();
            if (_clock.Now >= held.End) { EndHold(state); }
        }
    }

    /// <summary>At a clean end: addresses first, then the fence, so that no address is ever without it.</summary>
    public bool RemoveAll()
    {
        bool all = true;
        for (int vip = 0; vip < _vips.All.Length; vip++)
        {
            all &= _vips[vip].IsGone || (Release(vip) & _addresses.RemoveNow(_vips[vip].Target, _vips[vip].Link.Link?.Index));
        }
        return all && _fence.Remove();
    }

    public void Dispose()
    {
        foreach (KernelVip state in _vips.All) { EndHold(state); }
        foreach (LinkFrames link in _vips.Links) { link.Dispose(); }
        _addresses.Dispose();
        _routeMonitor.Dispose();
        _routes.Dispose();
        _fence.Dispose();
        _events.Dispose();
    }

    /// <summary>After the release, at most; a new owner has announced itself by then.</summary>
    private static TimeSpan HeldFramesLife => TimeSpan.FromSeconds(2);

    private void Released(KernelVip state)
    {
        (state.LeaseEnd, state.FrozenEnd, state.FrozenThroughout) = (null, null, false);
        state.Held?.Released(_clock.Now + HeldFramesLife);
        _addresses.Remove(state.Target);
    }

    /// <summary>Where frames that were kept go. Null: there are none, or nobody knows.</summary>
    private (HeldFrames Held, MacAddress Own, MacAddress Owner)? FindOwner(KernelVip state, NodeId owner)
    {
        Drain(null);   // the new owner's announcement may be waiting
        if (state.Held is not { } held || state.Link.Link is not { } link)
        {
            return null;
        }
        return _peers.Find(owner, state, link) is { } mac ? (held, link.Mac, mac) : null;
    }

    private bool Watch(HeldFrames held) => held.IsWatched || (held.IsWatched = _events.Add(held.Fd, EpollBits.EPOLLIN, HeldKey).Ok);

    private static void Frozen(KernelVip state, TimeSpan end)
    {
        state.FrozenEnd = end;
        state.Held?.Released(end + HeldFramesLife);
    }

    private ClusterNodeModel? Node(NodeId id) => _model.Nodes.FirstOrDefault(node => node.Id == id.Value);

    private IEnumerable<string> DeviceNames()
    {
        IPAddress? own = Node(_self)?.Addresses[0];
        int? service = _routes.Addresses().FirstOrDefault(found => found.Address.Equals(own)).Link;
        IEnumerable<string> devices = _model.Vips.Select(vip => vip.Device);
        return (service is > 0 and { } index && _routes.FindLink(index) is { } link ? devices.Append(link.Name) : devices).Distinct(StringComparer.Ordinal);
    }

    private LinkFrames? FindService(IPAddress own)
    {
        int index = _routes.Addresses().FirstOrDefault(found => found.Address.Equals(own)).Link;
        return _vips.Links.FirstOrDefault(link => link.Link?.Index == index);
    }

    private void ReadRoutes(IVipKernelObserver? observer)
    {
        _routeChanges.Clear();
        bool complete = _routeMonitor.Drain(_routeChanges);
        foreach (LinkFrames link in _vips.Links)
        {
            int? before = link.Link?.Index;
            bool changed = false;
            foreach (RouteChange change in _routeChanges) { changed |= link.Apply(change); }
            if (!complete) { changed |= link.Update(_routes.FindLink(link.Device)); }
            if (link.Link is { } now && now.Index != before) { _fence.Want(); }   // its egress chain went with the device
            if (changed) { LinkChanged(link, observer); }
        }
        foreach (RouteChange change in _routeChanges)
        {
            if (change.Kind == RouteChangeKind.AddressGone) { AddressGone(change); }
        }
    }

    private void LinkChanged(LinkFrames link, IVipKernelObserver? observer)
    {
        _service = null;
        for (int vip = 0; vip < _vips.All.Length; vip++)
        {
            if (_vips[vip].Link == link && !_vips[vip].IsGone)
            {
                _addresses.Renew(_vips[vip].Target);
                observer?.LinkChanged(vip, link.Up);
            }
        }
    }

    /// <summary>Others may flush a device's addresses, and the kernel does with the IPv6 ones of a device that goes down.</summary>
    private void AddressGone(RouteChange change)
    {
        foreach (KernelVip state in _vips.All)
        {
            if (state.Target.Address.Equals(change.Address) && state.Link.Link?.Index == change.Link.Index)
            {
                _addresses.Renew(state.Target);
            }
        }
    }

    private void ReadFrames(LinkFrames link, IVipKernelObserver? observer)
    {
        for (int i = 0; i < SightingsAtOnce && link.TryReceive(out NeighbourSighting seen); i++)
        {
            if (_peers.Hear(seen, link) is { } peer)
            {
                if (seen.IsAnswer) { observer?.PeerAnswered(peer); }
                continue;
            }
            for (int vip = 0; vip < _vips.All.Length; vip++)
            {
                if (_vips[vip].Target.Address.Equals(seen.Address) && !_vips[vip].IsGone)
                {
                    _vips[vip].LastUser = seen.Mac;
                    observer?.VipAnswered(vip, seen.Mac.Value, _peers.WhoseIs(seen.Mac, link));
                }
            }
        }
    }

    private void EndHold(KernelVip state)
    {
        if (state.Held is { } held)
        {
            HeldLostTotal += held.CountLost();
            held.Dispose();
            state.Held = null;
        }
    }
}
