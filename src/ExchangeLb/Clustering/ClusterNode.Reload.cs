using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using ExchangeLb.Clustering.Guarding;
using ExchangeLb.Config.Cluster;
using ExchangeLb.Core.Model;
using ExchangeLb.Linux.Netlink;

namespace ExchangeLb.Clustering;

/// <summary>
/// How it goes on with other files: (1) what it can't take over is refused; (2) VIPs that come are fenced, closed, before any address is bound; (3) once the
/// load balancer has taken over its file, everybody learns of the next model, and the protocol acquires what came and gives up what goes; (4) what is given
/// up leaves the kernel, and the guard's list.
/// </summary>
internal sealed partial class ClusterNode : IClusterReloads
{
    private static readonly TimeSpan LeaseAnswersWithin = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan DismissEvery = TimeSpan.FromMilliseconds(20);

    private IReadOnlyList<int> _admitted = [];
    private ImmutableArray<string> _leftBehind = [];

    /// <summary>Places of VIPs that have gone and are not given up in full yet. The lease thread's.</summary>
    private List<int> _going = [];
    private TimeSpan _dismissDue;

    public string? Refuse(ClusterModel next) =>
        ClusterChange.Refusal(_setup.Model, next) ?? ThisNode.MissingDevice(ClusterChange.OnOtherDevices(_setup.Model, next), ClusterSetup.HostDevices(), out _);

    public string? Admit(ClusterModel next)
    {
        ClusterModel model = VipPlaces.Keep(_setup.Model, next)!;
        _admitted = [];
        string? refusal = OnLease(() => AdmitAndKeep(model), "this node's lease thread takes no orders now");
        foreach (int place in _admitted)
        {
            DeadSockets.EndAll(model.Vips[place].Address);
        }
        return refusal;
    }

    public void Abandon()
    {
        IReadOnlyList<int> admitted = _admitted;
        OnLeaseInTheEnd(() =>
        {
            foreach (int place in admitted) { _kernel.Dismiss(place); }
            _going = GoingOf(_setup.Model);
        });
    }

    /// <summary>On the lease thread. One that comes back before it has been given up in full stays behind its fence.</summary>
    private string? AdmitAndKeep(ClusterModel model)
    {
        string? refusal = _kernel.Admit(model, out _admitted);
        if (refusal is null) { _going.RemoveAll(place => !model.Vips[place].IsGone); }
        return refusal;
    }

    private List<int> GoingOf(ClusterModel model) =>
        [.. Enumerable.Range(0, model.Vips.Length).Where(place => model.Vips[place].IsGone && !_kernel.IsGone(place))];

    public void TakeOver(ClusterModel next, ConfigurationHashes hashes)
    {
        ClusterModel before = _setup.Model;
        ClusterModel model = VipPlaces.Keep(before, next)!;
        _setup.Model = model;
        _hook.Command = model.Hook;
        if (hashes.Balancer != _hashes.Balancer) { _journal.Write("reload", $"haproxy.cfg {hashes.Balancer} is at work now, {_hashes.Balancer} was"); }
        _hashes = hashes;
        _moving?.Use(model);
        _recording?.Use(model);
        if (!OnLeaseInTheEnd(() => Follow(model)))
        {
            _journal.Write("reload", "this node's lease thread has not taken over cluster.cfg yet, and will as soon as it turns; see 'exchangelb status'");
        }
        _reports.Changed();
        SayChanges(before, model);
        NoteLeftBehind();
    }

    /// <summary>On the lease thread. VIPs that go are known to the guard until nothing of them is left.</summary>
    private void Follow(ClusterModel model)
    {
        _going = GoingOf(model);
        TellGuard(model);
        _fitness.Use(model);
        IReadOnlyList<int> moved = _kernel.Use(model);
        for (int place = 0; place < model.Vips.Length; place++)
        {
            if (!model.Vips[place].IsGone) { _fitness.SetLink(place, _kernel.LinkUp(place)); }
            else { _listener.EndKept(place); }
        }
        _node.Reload(model);
        foreach (int place in moved) { _node.AnnounceAgain(place); }
        Replace();
    }

    /// <summary>Every turn of the lease thread: once a VIP is given up and its sessions have ended here, its address goes, and then the fence.</summary>
    private void DismissGone(TimeSpan now)
    {
        if (_going.Count == 0 || now < _dismissDue) { return; }
        _dismissDue = now + DismissEvery;
        ClusterModel model = _setup.Model;
        if (_going.RemoveAll(place => _node.HasGone(place) && _fitness.HasClearedOf(place) && _kernel.Dismiss(place)) > 0) { TellGuard(model); }
    }

    private void TellGuard(ClusterModel model) =>
        _guard?.Protect(GuardTalk.FormOf(_hashes.Cluster), [.. model.PresentVips, .. _going.Select(place => model.Vips[place])]);

    private void SayChanges(ClusterModel before, ClusterModel now)
    {
        for (int place = 0; place < now.Vips.Length; place++)
        {
            VipModel vip = now.Vips[place];
            bool was = place < before.Vips.Length && !before.Vips[place].IsGone;
            if (!was && !vip.IsGone) { _journal.Write("reload", $"{vip.Address}/{vip.PrefixLength} on {vip.Device} is configured now"); }
            else if (was && vip.IsGone) { _journal.Write("reload", $"{vip.Address} is not configured any more"); }
        }
        if (before.HandOver == now.HandOver) { return; }
        _journal.Write("reload", $"hand-over is {now.HandOver.ToString().ToLowerInvariant()} now");
        NoteRecordingLack();
    }

    /// <summary>Each sentence once, until it has not been true at a reload.</summary>
    private void NoteLeftBehind()
    {
        ImmutableArray<string> notes = LeftBehind.Find(_setup.Model, _balancer.Snapshot());
        foreach (string note in notes.Except(_leftBehind))
        {
            _journal.Write("moved", note);
        }
        _leftBehind = notes;
    }

    private void NoteRecordingLack()
    {
        if (_cannotRecord is { Length: > 0 } lack && _setup.Model.HandOver == HandOverMode.Full)
        {
            _journal.Write("kernel", $"established connections end when their owner dies: {lack}");
        }
    }

    /// <summary>From another thread than the lease thread: what it answers, or this when it does not come to it in time; then it will not.</summary>
    private T OnLease<T>(Func<T> work, T otherwise)
    {
        TaskCompletionSource<T> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        int state = 0;
        bool posted = SpinWait.SpinUntil(() => _lease.Post(() =>
        {
            if (Interlocked.CompareExchange(ref state, 1, 0) == 0) { answer.SetResult(work()); }
        }), LeaseAnswersWithin);
        if (posted && (answer.Task.Wait(LeaseAnswersWithin) || Interlocked.CompareExchange(ref state, 2, 0) == 1)) { return answer.Task.Result; }
        return otherwise;
    }

    /// <summary>From another thread: what is settled elsewhere, and must be done on the lease thread whenever that comes to it.</summary>
    /// <returns>False: it has not come to it in time, and will.</returns>
    private bool OnLeaseInTheEnd(Action work)
    {
        TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _lease.Insist(() =>
        {
            work();
            done.SetResult();
        });
        return done.Task.Wait(LeaseAnswersWithin);
    }

    /// <summary>After a reload: servers may have come or gone. On the lease thread, which has the rights for raw sockets.</summary>
    private void Replace()
    {
        try
        {
            Surroundings next = new(_setup, Servers(), _clock);
            _surroundings.Dispose();
            _surroundings = next;
            _companySince = null; // these have asked nobody yet
            WatchSurroundings();
        }
        catch (InvalidOperationException lack)
        {
            _journal.Write("kernel", $"the surroundings of before the reload go on being watched: {lack.Message}");
        }
    }
}
