using System;
using System.Collections.Immutable;
using System.Linq;
using System.Threading;
using System.Threading.Channels;
using System.Threading.Tasks;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Cluster.Fitness;
using ExchangeLb.Cluster.Messages;
using ExchangeLb.Cluster.Ownership;
using ExchangeLb.Cluster.Reports;
using ExchangeLb.Clustering.Guarding;
using ExchangeLb.CommandLine;
using ExchangeLb.Core.Runtime;

namespace ExchangeLb.Clustering;

/// <summary>Makes this node's report, sends it once a second and whenever something of it changes that an administrator waits for, and tells the election which backends only others reach.</summary>
internal sealed class NodeReports(
    ClusterSetup setup,
    ILoadBalancerRuntime balancer,
    IClusterEngine engine,
    Envelope envelope,
    ReportBoard board,
    FitnessSource fitness,
    GuardLink? guard,
    IMonotonicClock clock,
    Func<bool> standby,
    Func<ConfigurationHashes> hashes,
    Func<byte> moveForm,
    Func<string> streamFingerprint,
    Func<int> recordsHeld,
    Func<ImmutableArray<OwnedVip>> owned) : IAsyncDisposable
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    /// <summary>When the engine had no room for a message. Without an engine it waits for the view that ends that.</summary>
    private static readonly TimeSpan AgainIn = TimeSpan.FromMilliseconds(50);

    private readonly LostBackends _lost = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Channel<bool> _changes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private NodeReport? _sent;

    /// <summary>Done with the next report that goes out.</summary>
    private TaskCompletionSource _nextSent = Signal();
    private Task _running = Task.CompletedTask;

    public void Start() => _running = Task.Run(RunAsync);

    /// <summary>Others should hear of this node before the second is over. Any thread; returns at once.</summary>
    public void Changed() => _changes.Writer.TryWrite(true);

    /// <summary>After an order: comes back when a report with what was ordered is sent, so that whatever is sent from now on comes after it, or when told to stop. Any thread.</summary>
    public async Task SendAsync(CancellationToken stop)
    {
        Task next = Volatile.Read(ref _nextSent).Task; // before it is looked what was sent: a report that goes out meanwhile ends it
        Changed();
        while (!IsSaidBy(Volatile.Read(ref _sent)) && !stop.IsCancellationRequested)
        {
            await next.WaitAsync(stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            next = Volatile.Read(ref _nextSent).Task;
        }
    }

    /// <summary>Any thread.</summary>
    public NodeReport Make() => Make(balancer.Snapshot());

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        _stop.Dispose();
    }

    private bool IsSaidBy(NodeReport? report) =>
        report is not null && report.Standby == standby() && hashes() == new ConfigurationHashes(report.ConfigurationHash, report.ClusterConfigurationHash);

    private NodeReport Make(LoadBalancerSnapshot snapshot)
    {
        (string balancerHash, string clusterHash) = hashes();
        string unfit = fitness.Unfit;
        return new NodeReport
        {
            Incarnation = setup.Incarnation,
            Version = VersionText.Version,
            ConfigurationHash = balancerHash,
            ClusterConfigurationHash = clusterHash,
            Standby = standby(),
            Fit = unfit.Length == 0,
            Unfit = unfit,
            Uptime = snapshot.Process.Uptime,
            Sessions = snapshot.Process.CurrentConnections,
            StickEntries = snapshot.Proxies.Sum(proxy => proxy.StickTable?.Used ?? 0),
            GuardRunning = guard?.Snapshot().Running ?? false,
            MoveForm = moveForm(),
            TakesWaiting = true,
            StreamFingerprint = streamFingerprint(),
            RecordsHeld = recordsHeld(),
            Owned = owned(),
            MaxConn = snapshot.Process.MaxConn,
            Links = fitness.Links,
            Backends = Backends(snapshot),
        };
    }

    private static ImmutableArray<BackendServersSnapshot> Backends(LoadBalancerSnapshot snapshot) =>
    [
        .. snapshot.Proxies.Where(proxy => proxy.Backend is not null && proxy.Servers.Length > 0).Select(proxy => new BackendServersSnapshot(
            proxy.Model.Backend!.Name,
            proxy.Servers.Count(server => server.Health != ServerHealth.Down && server.Admin != ServerAdminState.Maintenance),
            proxy.Servers.Length)),
    ];

    /// <summary>`fall` checks of the slowest server, and one that waits for its time-out.</summary>
    private static TimeSpan Patience(LoadBalancerSnapshot snapshot)
    {
        TimeSpan longest = LostBackends.LeastPatience;
        foreach (ServerSnapshot server in snapshot.Proxies.SelectMany(proxy => proxy.Servers))
        {
            TimeSpan until = server.Model.Inter * (server.Model.Fall + 1);
            longest = server.Model.Check && until > longest ? until : longest;
        }
        return longest;
    }

    private async Task RunAsync()
    {
        byte[] room = new byte[engine.PayloadMaxBytes];
        Task<bool> change = _changes.Reader.WaitToReadAsync(_stop.Token).AsTask();
        while (!_stop.IsCancellationRequested)
        {
            NodeReport report = Make();
            SendResult sent = Send(report, room);
            if (sent == SendResult.Accepted) { Sent(report); }
            _lost.Patience = Patience(balancer.Snapshot());
            fitness.SetLostBackends(_lost.Observe(report.Backends, [.. board.Present().SelectMany(peer => peer.Backends)], clock.Now));
            await ((Task)change).WaitAsync(sent == SendResult.QueueFull ? AgainIn : Every, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (change.IsCompletedSuccessfully)
            {
                _changes.Reader.TryRead(out _);
                change = _changes.Reader.WaitToReadAsync(_stop.Token).AsTask();
            }
        }
    }

    private void Sent(NodeReport report)
    {
        Volatile.Write(ref _sent, report);
        Interlocked.Exchange(ref _nextSent, Signal()).SetResult();
    }

    private static TaskCompletionSource Signal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private SendResult Send(NodeReport report, byte[] room)
    {
        int body = NodeReportCodec.Write(report, room.AsSpan(Envelope.HeaderBytes));
        return body == 0 ? SendResult.TooLarge : engine.Broadcast(room.AsSpan(0, envelope.Seal(MessageKind.Report, room, body)));
    }
}
