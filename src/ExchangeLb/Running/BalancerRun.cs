using System;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Linq;
using System.Net;
using System.Threading.Tasks;
using ExchangeLb.Admin;
using ExchangeLb.Clustering;
using ExchangeLb.CommandLine;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Runtime;
using ExchangeLb.Core.Text;
using ExchangeLb.Daemon;
using ExchangeLb.Linux.Process;
using ExchangeLb.Messages;
using ExchangeLb.Proxy;
using ExchangeLb.Proxy.HandOver;
using ExchangeLb.Starting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace ExchangeLb.Running;

/// <summary>From a model to the end of the process. Created and run once, on the main thread.</summary>
/// <param name="cluster">Null: the node stands alone.</param>
/// <param name="daemon">Not null in the background.</param>
internal sealed class BalancerRun(
    LoadBalancerModel model, ClusterSetup? cluster, StartOptions options, int threads, StartMessages messages, DaemonChild? daemon)
{
    private readonly EventVoice _voice = new(messages.Notice);
    private ClusterNode? _node;

    /// <returns>The exit code, if no signal ends the process.</returns>
    public int Run()
    {
        LoadBalancer? balancer = null; // pages and sockets show the balancer, which hands over connections to the pages
        Reloading reloading = new(options, threads, messages, () => balancer!, new(model, cluster?.Model, false))
        {
            Cluster = () => _node,
            ServerSide = next => ServerSideOf(next, cluster!.Self),
        };
        StatsConnections statsPages = new(() => balancer!, TimeProvider.System, Report, () => _node?.Runtime);
        RuntimeSockets statsSockets = new(() => balancer!, TimeProvider.System, Report, () => _node?.Runtime);
        balancer = new(model, BalancerOptions(), statsPages);
        if (!Open(balancer, statsSockets) || !WritePidFile() || !CreateNode(balancer, reloading) || !TakeIdentity())
        {
            return ExitCode.Failure;
        }
        using StopSignals signals = new(balancer, reloading, messages, () => _node?.LeaveAsync() ?? Task.CompletedTask);
        balancer.Start();
        if (_node?.Start() is { } problem)
        {
            messages.Alert(problem);
            _node.DisposeAsync().AsTask().GetAwaiter().GetResult();
            return ExitCode.Failure;
        }
        TellServing();
        if (_node is not null)
        {
            Rehearsal.Begin();
        }
        EndWithHost(new(balancer, _node, statsPages, statsSockets), signals, new ServiceWatch(balancer, _node));
        if (signals.EndedBy is { } signal)
        {
            Signals.DieBy(signal);
        }
        return ExitCode.Success;
    }

    private LoadBalancerOptions BalancerOptions() => new()
    {
        Version = VersionText.Version,
        ThreadCount = threads,
        Report = Report,
        FreeBind = cluster is null ? FrozenSet<IPAddress>.Empty : cluster.Model.Vips.Select(vip => vip.Address).ToFrozenSet(),
        ServerSide = cluster is null ? ServerSideOptions.None : ServerSideOf(cluster.Model, cluster.Self),
    };

    /// <summary>Where sessions don't move, servers see them from whatever address the kernel chooses, as with HAProxy.</summary>
    private static ServerSideOptions ServerSideOf(ClusterModel model, ClusterNodeModel self) =>
        model.Nodes.Length < 2 || model.HandOver == HandOverMode.Off ? ServerSideOptions.None
            : new([.. model.Vips.Select(vip => new MovingAddress(vip.Address, vip.PrefixLength))], PortRange.Of(model.Nodes.TakeWhile(node => node.Id != self.Id).Count(), model.Nodes.Length));

    /// <summary>The fence and the guard, which need root's rights, before these are given up.</summary>
    private bool CreateNode(LoadBalancer balancer, Reloading reloading)
    {
        if (cluster is null)
        {
            return true;
        }
        try
        {
            _node = ClusterNode.Create(cluster, balancer, options.Paths, reloading, SayEvent);
            return true;
        }
        catch (InvalidOperationException lack)
        {
            messages.Alert(lack.Message);
            return false;
        }
    }

    /// <summary>
    /// A node of a cluster stays who it is: leases, addresses, raw frames and Corosync's socket are needed for as long as it runs. Who wants it
    /// without root starts it as that user, with the rights that it names.
    /// </summary>
    private bool TakeIdentity()
    {
        if (cluster is null)
        {
            return Identity.Take(model.Global, messages);
        }
        if (!Privileges.IsRoot)
        {
            Identity.SayKept(model.Global, messages);
        }
        else if ((model.Global.UserId ?? model.Global.GroupId) is not null)
        {
            messages.Warning("'user' and 'group' are not followed with --cluster: leases, addresses and ARP need CAP_NET_ADMIN and CAP_NET_RAW all the time");
        }
        return true;
    }

    /// <summary>By a thread of its own: whoever decides must not wait for a terminal or a pipe that nobody reads.</summary>
    private void SayEvent(ClusterEvent happened) => _voice.Say($"cluster : {happened.Kind} : {happened.Text}");

    private bool Open(LoadBalancer balancer, RuntimeSockets statsSockets)
    {
        ImmutableArray<Diagnostic> found = [.. balancer.Open(), .. statsSockets.Open(WithControlSocket(model.Global))];
        foreach (Diagnostic diagnostic in found)
        {
            messages.Say(diagnostic.Severity, MessageShape.FormatStart(diagnostic));
        }
        if (found.Any(diagnostic => diagnostic.Severity == Severity.Alert))
        {
            messages.Alert("Not all addresses could be bound: not started.");
            return false;
        }
        return true;
    }

    /// <summary>Where `exchangelb status` and the other verbs knock: for its owner alone, with all rights.</summary>
    private GlobalModel WithControlSocket(GlobalModel global) => cluster is null ? global : global with
    {
        StatsSockets =
        [
            .. global.StatsSockets,
            new StatsSocketModel(cluster.Paths.ControlSocket, null, new SourcePlace(cluster.Paths.ClusterFile, 0))
            {
                Level = RuntimeLevel.Admin,
                FileMode = 0b110_000_000,
            },
        ],
    };

    /// <summary>Only where HAProxy has one too: in the background, or when something else (-W) watches over the process.</summary>
    private bool WritePidFile()
    {
        string? path = options.PidFile ?? model.Global.PidFile;
        if (path is null || (daemon is null && !options.MasterWorker))
        {
            return true;
        }
        string? error = PidFile.Write(path, Environment.ProcessId);
        if (error is not null)
        {
            messages.Alert($"Cannot create pidfile {path}: {error}");
        }
        return error is null;
    }

    private void TellServing()
    {
        foreach (int pid in options.OldProcesses)
        {
            Signals.Send(pid, options.OldProcessSignal);
        }
        messages.Serving();
        daemon?.TellReady();
        Systemd.Tell($"READY=1\nMAINPID={Environment.ProcessId}");
    }

    private static void EndWithHost(RunningBalancer balancer, StopSignals signals, ServiceWatch watch)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddSingleton<IHostLifetime, EndBySignals>();
        builder.Services.AddSingleton<IHostedService>(balancer);
        using IHost host = builder.Build();
        host.Start();
        signals.End.WaitHandle.WaitOne();
        watch.Dispose();
        Systemd.Tell("STOPPING=1\nSTATUS=stopping");
        host.StopAsync().GetAwaiter().GetResult();
    }

    private void Report(Diagnostic diagnostic) => messages.Say(diagnostic.Severity, MessageShape.FormatStart(diagnostic));
}
