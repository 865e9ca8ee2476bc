using System;
using System.Collections.Immutable;
using System.Linq;
using ExchangeLb.Admin;
using ExchangeLb.CommandLine;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Text;
using ExchangeLb.Daemon;
using ExchangeLb.Linux.Process;
using ExchangeLb.Messages;
using ExchangeLb.Proxy;
using ExchangeLb.Starting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace ExchangeLb.Running;

/// <summary>From a model to the end of the process. Created and run once, on the main thread.</summary>
/// <param name="daemon">Not null in the background.</param>
internal sealed class BalancerRun(LoadBalancerModel model, StartOptions options, int threads, StartMessages messages, DaemonChild? daemon)
{
    /// <returns>The exit code, if no signal ends the process.</returns>
    public int Run()
    {
        LoadBalancer? balancer = null; // pages and sockets show the balancer, which hands over connections to the pages
        StatsConnections statsPages = new(() => balancer!, TimeProvider.System, Report);
        RuntimeSockets statsSockets = new(() => balancer!, TimeProvider.System, Report);
        balancer = new(model, new() { Version = VersionText.Version, ThreadCount = threads, Report = Report }, statsPages);
        if (!Open(balancer, statsSockets) || !WritePidFile() || !Identity.Take(model.Global, messages))
        {
            return ExitCode.Failure;
        }
        using StopSignals signals = new(balancer, messages);
        balancer.Start();
        TellServing();
        EndWithHost(new(balancer, statsPages, statsSockets), signals);
        if (signals.EndedBy is { } signal)
        {
            Signals.DieBy(signal);
        }
        return ExitCode.Success;
    }

    private bool Open(LoadBalancer balancer, RuntimeSockets statsSockets)
    {
        ImmutableArray<Diagnostic> found = [.. balancer.Open(), .. statsSockets.Open(model.Global)];
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

    private static void EndWithHost(RunningBalancer balancer, StopSignals signals)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddSingleton<IHostLifetime, EndBySignals>();
        builder.Services.AddSingleton<IHostedService>(balancer);
        using IHost host = builder.Build();
        host.Start();
        signals.End.WaitHandle.WaitOne();
        Systemd.Tell("STOPPING=1");
        host.StopAsync().GetAwaiter().GetResult();
    }

    private void Report(Diagnostic diagnostic) => messages.Say(diagnostic.Severity, MessageShape.FormatStart(diagnostic));
}
