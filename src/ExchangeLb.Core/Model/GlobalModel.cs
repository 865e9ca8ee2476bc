using System;
using System.Collections.Immutable;

namespace ExchangeLb.Core.Model;

/// <summary>The `global` section (configuration.txt, 3).</summary>
public sealed record GlobalModel
{
    /// <summary>`maxconn`: concurrent client connections of the whole process; 0: derived from the descriptor limit.</summary>
    public int MaxConn { get; init; }

    /// <summary>Descriptors that are left when so many connections have theirs: for clients who are accepted beyond `maxconn` when an address moves.</summary>
    public int SpareDescriptors { get; init; }

    /// <summary>`nbthread`: loop threads, 1..64; 0: one a usable core.</summary>
    public int ThreadCount { get; init; }

    /// <summary>`log` lines of the global section: what `log global` in a proxy stands for.</summary>
    public ImmutableArray<LogTargetModel> LogTargets { get; init; } = [];

    /// <summary>`log-tag`; the program's name in each log line.</summary>
    public string LogTag { get; init; } = "haproxy";

    /// <summary>`log-send-hostname`: the header's host name; null: `localhost` (RFC 3164) or `-` (RFC 5424), as HAProxy 2.6 sends.</summary>
    public string? LogHostname { get; init; }

    public ImmutableArray<StatsSocketModel> StatsSockets { get; init; } = [];

    /// <summary>`stats timeout`: silence after which a stats socket connection is closed.</summary>
    public TimeSpan StatsTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>`stats maxconn`: concurrent connections to all stats sockets.</summary>
    public int StatsMaxConn { get; init; } = 10;

    /// <summary>`hard-stop-after`: how long a soft stop waits for sessions before it cuts them; null: for ever.</summary>
    public TimeSpan? HardStopAfter { get; init; }

    public bool Daemon { get; init; }
    public string? PidFile { get; init; }

    /// <summary>`node`: shown by `show info` and, with stats show-node, on the page; the host name when not given.</summary>
    public string? Node { get; init; }

    public string? Description { get; init; }
    public string? User { get; init; }
    public string? Group { get; init; }
    public string? Chroot { get; init; }

    /// <summary>`spread-checks`: 0..50 percent by which check intervals vary at random.</summary>
    public int SpreadChecksPercent { get; init; }

    /// <summary>`ulimit-n`: wanted descriptor limit; 0: derived from maxconn.</summary>
    public int DescriptorLimit { get; init; }

    /// <summary>`uid`/`gid` as numbers; they and <see cref="User"/>/<see cref="Group"/> exclude one another.</summary>
    public uint? UserId { get; init; }

    public uint? GroupId { get; init; }

    /// <summary>The line that asks for a user; null: none.</summary>
    public SourcePlace? UserPlace { get; init; }

    /// <summary>The line that asks for a group; null: none.</summary>
    public SourcePlace? GroupPlace { get; init; }

    /// <summary>`quiet`: as -q on the command line.</summary>
    public bool Quiet { get; init; }

    /// <summary>`zero-warning`: a configuration with warnings is not run.</summary>
    public bool ZeroWarning { get; init; }

    /// <summary>`strict-limits`: refuse to start when the descriptor limit can't be had; off: warn and go on with fewer connections.</summary>
    public bool StrictLimits { get; init; } = true;

    /// <summary>`tune.rcvbuf.client`, `tune.sndbuf.client`, `tune.notsent-lowat.client`: connections that clients make from now on.</summary>
    public SocketBuffersModel ClientBuffers { get; init; } = new();

    /// <summary>`tune.rcvbuf.server`, `tune.sndbuf.server`, `tune.notsent-lowat.server`: connections to servers from now on, but for checks.</summary>
    public SocketBuffersModel ServerBuffers { get; init; } = new();
}

/// <summary>One `stats socket` line. Exactly one of <see cref="Path"/>, <see cref="Address"/> is set.</summary>
public sealed record StatsSocketModel(string? Path, System.Net.IPEndPoint? Address, SourcePlace Place)
{
    public RuntimeLevel Level { get; init; } = RuntimeLevel.Operator;

    /// <summary>`mode`: octal permission bits of the socket file; null: by umask.</summary>
    public int? FileMode { get; init; }

    /// <summary>`uid`/`user` as a number; null: unchanged.</summary>
    public int? UserId { get; init; }

    /// <summary>`gid`/`group` as a number; null: unchanged.</summary>
    public int? GroupId { get; init; }
}

/// <summary>What a stats socket connection may do (management.txt, 9.3): user reads, operator also clears, admin changes.</summary>
public enum RuntimeLevel
{
    User,
    Operator,
    Admin,
}
