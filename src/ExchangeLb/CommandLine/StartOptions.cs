using System.Collections.Immutable;
using ExchangeLb.Linux.Process;

namespace ExchangeLb.CommandLine;

/// <summary>What the flags say (management.txt, 3), before the configuration has been read.</summary>
internal sealed record StartOptions
{
    /// <summary>-f and --: files and directories in the order given.</summary>
    public ImmutableArray<string> Paths { get; init; } = [];

    /// <summary>-c: only check.</summary>
    public bool Check { get; init; }

    /// <summary>-V: messages even where -q or `quiet` would hide them.</summary>
    public bool Verbose { get; init; }

    /// <summary>-q</summary>
    public bool Quiet { get; init; }

    /// <summary>-D</summary>
    public bool Daemon { get; init; }

    /// <summary>-db, and all that implies it: stay in the foreground whatever the file says.</summary>
    public bool Foreground { get; init; }

    /// <summary>-d</summary>
    public bool Debug { get; init; }

    /// <summary>-dW</summary>
    public bool ZeroWarning { get; init; }

    /// <summary>-W, -Ws</summary>
    public bool MasterWorker { get; init; }

    /// <summary>-p</summary>
    public string? PidFile { get; init; }

    /// <summary>-C</summary>
    public string? Directory { get; init; }

    /// <summary>-L</summary>
    public string? LocalPeer { get; init; }

    /// <summary>--cluster: this node is one of those in this file; null: it stands alone.</summary>
    public string? ClusterFile { get; init; }

    /// <summary>--node: which of the cluster's nodes this is; null: see <see cref="Config.Cluster.ThisNode"/>.</summary>
    public string? Node { get; init; }

    /// <summary>--state: where everything that the node writes is kept.</summary>
    public string StateDirectory { get; init; } = DefaultStateDirectory;

    public const string DefaultStateDirectory = "/run/exchangelb";

    /// <summary>--units: Corosync and the guard are run by others (units of systemd): found, never started and never stopped.</summary>
    public bool Units { get; init; }

    /// <summary>-n; 0: not given.</summary>
    public int MaxConn { get; init; }

    /// <summary>-N; 0: not given.</summary>
    public int ProxyMaxConn { get; init; }

    /// <summary>-m in mebibytes; 0: not given.</summary>
    public int MemoryMiB { get; init; }

    /// <summary>-sf and -st: whom to send what once we serve.</summary>
    public Signal OldProcessSignal { get; init; } = Signal.SIGUSR1;

    public ImmutableArray<int> OldProcesses { get; init; } = [];

    /// <summary>Debugging flags whose subject we don't have (another poller, DNS by libc, ...): accepted, without effect.</summary>
    public ImmutableArray<string> WithoutEffect { get; init; } = [];
}
