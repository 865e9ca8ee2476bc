using System;
using System.Collections.Frozen;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using System.Net;
using System.Threading;
using ExchangeLb.Clustering;
using ExchangeLb.CommandLine;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Runtime;
using ExchangeLb.Core.Text;
using ExchangeLb.Linux.Process;
using ExchangeLb.Messages;
using ExchangeLb.Proxy;
using ExchangeLb.Proxy.HandOver;
using ExchangeLb.Starting;

namespace ExchangeLb.Running;

/// <summary>
/// SIGHUP and `exchangelb reload`: reads the files of the start again, by the same flags, and lets the running balancer go on with them.
/// A file that is wrong is refused with its messages, and nothing changes. Made before the balancer, as it notes how many descriptors a
/// start finds open. Any thread; one at a time.
/// </summary>
/// <param name="balancer">The one that runs, once it does.</param>
/// <param name="started">What it starts with.</param>
internal sealed class Reloading(
    StartOptions options, int threads, StartMessages messages, Func<LoadBalancer> balancer, LoadedConfiguration started) : IReloads
{
    private readonly Lock _lock = new();
    private readonly int _openAtStart = DescriptorLimit.OpenNow();
    private ReadFiles _runs = new(started, ConfigurationHashes.Of(options.Paths, options.ClusterFile));
    private ReadFiles? _prepared;
    private ReadFiles? _replaced;

    /// <summary>The node, which goes on with another cluster.cfg; null: there is none (yet).</summary>
    public Func<IClusterReloads?>? Cluster { get; init; }

    /// <summary>What servers see of sessions, by that file.</summary>
    public Func<ClusterModel, ServerSideOptions>? ServerSide { get; init; }

    public CommandResult Reload()
    {
        lock (_lock)
        {
            // sd_notify(3): from here until READY a service manager knows that a reload is going on
            Systemd.Tell(string.Create(CultureInfo.InvariantCulture, $"RELOADING=1\nMONOTONIC_USEC={MonotonicMicroseconds()}"));
            try
            {
                CommandResult read = Prepare();
                CommandResult result = read.Done ? Apply() : read;
                return result.Done && read.Message.Length > 0 ? result with { Message = $"{read.Message}\n{result.Message}" } : result;
            }
            finally
            {
                Systemd.Tell("READY=1");
            }
        }
    }

    public CommandResult Prepare()
    {
        lock (_lock)
        {
            (_prepared, _replaced) = (null, null);
            List<string> said = [];
            StartMessages recorded = messages.Recording(said);
            // Before they are read: a file that is changed meanwhile then differs from its hash, and the drift is seen.
            var hashes = ConfigurationHashes.Of(options.Paths, options.ClusterFile);
            if (Read(recorded) is not { } loaded)
            {
                return Refuse(said);
            }
            if (loaded.Cluster is { } cluster && Cluster?.Invoke()?.Refuse(cluster) is { } refusal)
            {
                recorded.Alert(refusal);
                return Refuse(said);
            }
            messages.Silent = recorded.Silent;
            _prepared = new(loaded, hashes);
            return new CommandResult(true, string.Join('\n', said));
        }
    }

    public CommandResult Apply()
    {
        lock (_lock)
        {
            if (_prepared is not { } next)
            {
                return CommandResult.Failed("No configuration has been prepared.");
            }
            _prepared = null;
            ReadFiles before = _runs;
            CommandResult result = GoOnWith(next, "Configuration reloaded.");
            _replaced = result.Done ? before : null;
            return result;
        }
    }

    public CommandResult Forget()
    {
        lock (_lock)
        {
            _prepared = null;
            return CommandResult.Ok;
        }
    }

    public CommandResult Revert()
    {
        lock (_lock)
        {
            if (_replaced is not { } before)
            {
                return new CommandResult(true, "nothing had changed");
            }
            _replaced = null;
            return GoOnWith(before, "The configuration before goes on.");
        }
    }

    private CommandResult GoOnWith(ReadFiles next, string verdict)
    {
        List<string> said = [];
        StartMessages recorded = messages.Recording(said);
        ClusterModel? cluster = next.Loaded.Cluster;
        IClusterReloads? node = cluster is null ? null : Cluster?.Invoke();
        if (node?.Admit(cluster!) is { } refusal)
        {
            recorded.Alert(refusal);
            return Refuse(said);
        }
        ImmutableArray<Diagnostic> found = balancer().Reload(next.Loaded.Balancer, FreeBind(cluster), cluster is null ? null : ServerSide?.Invoke(cluster));
        foreach (Diagnostic diagnostic in found)
        {
            recorded.Say(diagnostic.Severity, MessageShape.FormatStart(diagnostic));
        }
        if (found.Any(diagnostic => diagnostic.Severity == Severity.Alert))
        {
            node?.Abandon();
            return Refuse(said, noted: true);
        }
        _runs = next;
        node?.TakeOver(cluster!, next.Hashes);
        recorded.Notice(verdict);
        return new CommandResult(true, string.Join('\n', said));
    }

    private LoadedConfiguration? Read(StartMessages recorded)
    {
        if (ConfigurationLoad.Read(options, recorded, sayWarnings: true) is not { } loaded)
        {
            return null;
        }
        if (!loaded.Balancer.Proxies.Any(proxy => proxy.Frontend is { Disabled: false, Binds.IsEmpty: false }))
        {
            recorded.Alert("No section has a 'bind' line that is enabled: nothing to listen on.");
            return null;
        }
        return ConnectionLimit.Apply(loaded.Balancer, options, threads, recorded, _openAtStart) is { } limited
            ? loaded with { Balancer = limited }
            : null;
    }

    /// <param name="noted">The balancer itself has refused, and knows.</param>
    private CommandResult Refuse(List<string> said, bool noted = false)
    {
        if (!noted)
        {
            balancer().NoteReloadRefused(said.Count > 0 ? said[0] : "The configuration has errors.");
        }
        const string Verdict = "Reload refused, the configuration before goes on.";
        messages.Warning(Verdict);
        return CommandResult.Failed(string.Join('\n', said.Append(Verdict)));
    }

    private static FrozenSet<IPAddress>? FreeBind(ClusterModel? cluster) => cluster?.Vips.Select(vip => vip.Address).ToFrozenSet();

    /// <summary>CLOCK_MONOTONIC, which is what .NET's stopwatch reads on Linux.</summary>
    private static long MonotonicMicroseconds() => Stopwatch.GetTimestamp() / (Stopwatch.Frequency / 1_000_000);

    private sealed record ReadFiles(LoadedConfiguration Loaded, ConfigurationHashes Hashes);
}
