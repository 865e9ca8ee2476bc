using System;
using System.IO;
using System.Linq;
using System.Threading;
using ExchangeLb.Clustering;
using ExchangeLb.CommandLine;
using ExchangeLb.Core.Model;
using ExchangeLb.Daemon;
using ExchangeLb.Linux.Calls;
using ExchangeLb.Linux.Process;
using ExchangeLb.Messages;
using ExchangeLb.Proxy;
using ExchangeLb.Running;
using ExchangeLb.Starting;

namespace ExchangeLb;

/// <summary>
/// The way from flags to a running balancer:
/// <list type="number">
/// <item>change directory, read the configuration, say what is wrong with it;</item>
/// <item>with -c: say the verdict, and end;</item>
/// <item>to the background, if wanted: the copy of ourselves there begins with step 1 again;</item>
/// <item>limits of memory, descriptors and connections;</item>
/// <item>bind, give up root, serve (<see cref="BalancerRun"/>).</item>
/// </list>
/// </summary>
internal sealed class Startup(StartOptions options, StartMessages messages)
{
    /// <summary>Packet and nfnetlink sockets of a node with two networks and a hand-over under way, twice over.</summary>
    private const int KernelSocketsMax = 24;

    /// <summary>A balancer of this node that has just been killed has its folder and its name until the kernel has closed what it had: two seconds in all.</summary>
    private const int FormerLifeWaits = 100;

    private const int FormerLifeWaitMs = 20;

    public int Run()
    {
        // 1.
        DaemonChild? daemon = DaemonChild.Detect();
        messages.Silent = ConfigurationLoad.IsSilent(options, quietInFile: false);
        if (daemon is null && !ChangeDirectory()) // a copy has inherited it
        {
            return ExitCode.Failure;
        }
        if (ConfigurationLoad.Read(options, messages, sayWarnings: daemon is null) is not { Balancer: var model } loaded)
        {
            return ExitCode.Failure;
        }
        // 2.
        bool listens = model.Proxies.Any(proxy => proxy.Frontend is { Disabled: false, Binds.IsEmpty: false });
        if (options.Check)
        {
            UnderUnit.SayLimits(loaded, messages);
            return Verdict(loaded.AnyWarning, listens);
        }
        if (!listens)
        {
            messages.Alert("No section has a 'bind' line that is enabled: nothing to listen on.");
            return ExitCode.Failure;
        }
        // 3.
        if (daemon is null && WantsBackground(model))
        {
            return DaemonParent.Detach(messages);
        }
        NoteWhatHasNoEffect();
        // 4.
        int threads = model.Global.ThreadCount > 0 ? model.Global.ThreadCount : LoadBalancerOptions.DefaultThreads;
        if (options.MemoryMiB > 0 && !MemoryLimit.Apply(options.MemoryMiB))
        {
            messages.Alert($"-m {options.MemoryMiB}: the runtime alone needs more memory than that.");
            return ExitCode.Failure;
        }
        model = ConnectionLimit.Apply(model, options, threads, messages, DescriptorLimit.OpenNow());
        // 5.
        return model is null ? ExitCode.Failure
            : loaded.Cluster is null ? new BalancerRun(model, null, options, threads, messages, daemon).Run()
            : RunNode(model, loaded.Cluster, threads, daemon);
    }

    private int RunNode(LoadBalancerModel model, ClusterModel cluster, int threads, DaemonChild? daemon)
    {
        if (ClusterSetup.For(options, cluster, messages) is not { } setup || !setup.IsHere(messages))
        {
            return ExitCode.Failure;
        }
        int waits = FormerLifeWaits;
        bool Again()
        {
            Thread.Sleep(FormerLifeWaitMs);
            return waits-- > 0;
        }
        using StateFolder? folder = StateFolder.Take(setup.Paths, out string problem, Again);
        using NodeLock? host = folder is null ? null : NodeLock.Take(out problem, Again);
        if (host is null || folder!.NextIncarnation(DateTime.UtcNow, out problem) is not { } incarnation)
        {
            messages.Alert(problem);
            return ExitCode.Failure;
        }
        if (host.Warning is { } warning)
        {
            messages.Warning(warning);
        }
        LowDescriptors.Reserve(KernelSocketsMax);
        return new BalancerRun(model, setup.As(incarnation), options, threads, messages, daemon).Run();
    }

    /// <summary>-D overrules -db and -d, those overrule the file, and so does systemd, which waits for this process and would take its end for the service's.</summary>
    private bool WantsBackground(LoadBalancerModel model) =>
        options.Daemon || (model.Global.Daemon && !options.Foreground && !options.Debug && !Systemd.IsThere);

    private bool ChangeDirectory()
    {
        if (options.Directory is not { } directory)
        {
            return true;
        }
        try
        {
            Directory.SetCurrentDirectory(directory);
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            messages.Alert($"Could not change to directory {directory} : {exception.Message}");
            return false;
        }
    }

    private int Verdict(bool anyWarning, bool listens)
    {
        if (anyWarning)
        {
            messages.Verdict("Warnings were found.");
        }
        if (!listens)
        {
            messages.Verdict("Configuration file has no error but will not start (no listener) => exit(2).");
            return ExitCode.NoListener;
        }
        messages.Verdict("Configuration file is valid");
        return ExitCode.Success;
    }

    private void NoteWhatHasNoEffect()
    {
        if (options.MasterWorker)
        {
            messages.Notice("-W: there is one process, which is its own master.");
        }
        if (!options.WithoutEffect.IsEmpty)
        {
            messages.Notice($"{string.Join(", ", options.WithoutEffect)}: accepted, without effect here.");
        }
    }
}
