using System;
using System.Net;

namespace ExchangeLb.Core.Model;

/// <summary>One `server` line (configuration.txt, 5.2), `default-server` already applied.</summary>
/// <param name="Id">HAProxy's server id (`sid`): 1 and up in the order of the file, `id` overrides.</param>
public sealed record ServerModel(int Id, string Name, IPAddress Address, SourcePlace Place)
{
    /// <summary>The port, or with <see cref="PortIsOffset"/> what is added to the port that the client came to (0: that very port).</summary>
    public int Port { get; init; }

    /// <summary>No port was written, or `+N` / `-N`.</summary>
    public bool PortIsOffset { get; init; }

    /// <summary>The address as written, for messages and the page.</summary>
    public string AddressText { get; init; } = "";

    /// <summary>`weight`: 0..256.</summary>
    public int Weight { get; init; } = 1;

    public bool Backup { get; init; }

    /// <summary>`maxconn`: concurrent connections to this server; 0: no limit.</summary>
    public int MaxConn { get; init; }

    /// <summary>`maxqueue`: sessions that wait for this very server; 0: no limit.</summary>
    public int MaxQueue { get; init; }

    /// <summary>`check`: the server is checked.</summary>
    public bool Check { get; init; }

    /// <summary>`inter`: time between two checks of a server whose state is sure.</summary>
    public TimeSpan Inter { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>`fastinter`: the same while it is in doubt; null: <see cref="Inter"/>.</summary>
    public TimeSpan? FastInter { get; init; }

    /// <summary>`downinter`: the same while it is down; null: <see cref="Inter"/>.</summary>
    public TimeSpan? DownInter { get; init; }

    /// <summary>`rise`: passed checks after which a server that is down is up, 1 and up.</summary>
    public int Rise { get; init; } = 2;

    /// <summary>`fall`: failed checks after which a server that is up is down, 1 and up.</summary>
    public int Fall { get; init; } = 3;

    /// <summary>`addr`: where checks go; null: the server's address.</summary>
    public IPAddress? CheckAddress { get; init; }

    /// <summary>`port`: where checks go; 0: the server's port.</summary>
    public int CheckPort { get; init; }

    /// <summary>`on-marked-down shutdown-sessions`.</summary>
    public bool ShutdownSessionsWhenDown { get; init; }

    /// <summary>`on-marked-up shutdown-backup-sessions`.</summary>
    public bool ShutdownBackupSessionsWhenUp { get; init; }

    /// <summary>`disabled`: starts in maintenance.</summary>
    public bool Disabled { get; init; }

    /// <summary>`source`: local address (port 0: any) of connections to the server; null: the kernel's choice.</summary>
    public IPEndPoint? Source { get; init; }
}
