using System;
using System.Net;

namespace ExchangeLb.Config.Servers;

/// <summary>The options of a server line; `default-server` changes the copy that later lines begin with.</summary>
internal sealed record ServerSettings
{
    public int Id { get; set; }
    public int Weight { get; set; } = 1;
    public bool Backup { get; set; }
    public int MaxConn { get; set; }
    public int MaxQueue { get; set; }
    public bool Check { get; set; }
    public TimeSpan Inter { get; set; } = TimeSpan.FromSeconds(2);
    public TimeSpan? FastInter { get; set; }
    public TimeSpan? DownInter { get; set; }
    public int Rise { get; set; } = 2;
    public int Fall { get; set; } = 3;
    public IPAddress? CheckAddress { get; set; }
    public int CheckPort { get; set; }
    public bool ShutdownSessionsWhenDown { get; set; }
    public bool ShutdownBackupSessionsWhenUp { get; set; }
    public bool Disabled { get; set; }
    public IPEndPoint? Source { get; set; }
}
