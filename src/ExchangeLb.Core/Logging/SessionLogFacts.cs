using System;

namespace ExchangeLb.Core.Logging;

/// <summary>All that a session's line tells (configuration.txt, 8.2.2). Plain data; names are UTF-8, prepared once per configuration.</summary>
public struct SessionLogFacts
{
    /// <summary>IPv6, or IPv4 as ::ffff:a.b.c.d.</summary>
    public UInt128 ClientAddress;
    public int ClientPort;

    /// <summary>When the connection was accepted, in milliseconds since 1970-01-01 UTC.</summary>
    public long AcceptUnixMs;

    /// <summary>Of local time, east positive.</summary>
    public int UtcOffsetSeconds;
    public byte[] Frontend;

    /// <summary>The frontend's own name when the session came to no backend.</summary>
    public byte[] Backend;

    /// <summary>Null: none was chosen.</summary>
    public byte[]? Server;

    /// <summary>%Tw: waited in queues; -1: never got out of them, or never got there.</summary>
    public int QueueMs;

    /// <summary>%Tc: until the server's connection was made, retries included; -1: it was not made.</summary>
    public int ConnectMs;

    /// <summary>%Tt: from accept until both sides were closed.</summary>
    public int TotalMs;

    /// <summary>%B: from the server to the client.</summary>
    public long BytesToClient;
    public TerminationCode End;

    /// <summary>%ac: connections of the process when the session ended, itself included; the next three likewise.</summary>
    public int ActiveConnections;
    public int FrontendConnections;
    public int BackendConnections;
    public int ServerConnections;

    /// <summary>%rc: connection attempts after the first.</summary>
    public int Retries;

    /// <summary>The session was sent on to another server than the first: `+` before the retries.</summary>
    public bool Redispatched;

    /// <summary>%sq: sessions that were before it in the server's queue.</summary>
    public int ServerQueue;

    /// <summary>%bq: sessions that were before it in the backend's queue.</summary>
    public int BackendQueue;

    /// <summary>`option logasap`: written while the session goes on; `+` before time and bytes.</summary>
    public bool Early;
}
