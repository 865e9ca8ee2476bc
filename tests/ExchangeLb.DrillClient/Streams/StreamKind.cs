namespace ExchangeLb.DrillClient.Streams;

/// <summary>What goes on in a connection that is to outlive a move. The number is sent to the server.</summary>
internal enum StreamKind : byte
{
    /// <summary>A long poll: one exchange at the begin, one at the end.</summary>
    Idle,

    /// <summary>A question every 200 ms.</summary>
    ClientFirst,

    /// <summary>The server greets, as with SMTP; then as <see cref="ClientFirst"/>.</summary>
    ServerFirst,

    /// <summary>The next question follows the answer after 20 ms.</summary>
    PingPong,

    /// <summary>The server sends 4 KiB every 20 ms.</summary>
    Download,

    /// <summary>The client does.</summary>
    Upload,

    /// <summary>As <see cref="ClientFirst"/>, in TLS.</summary>
    Tls,

    /// <summary>The client has ended its side; the server goes on sending.</summary>
    ClientEnded,

    /// <summary>The other way round.</summary>
    ServerEnded,

    /// <summary>The server sends as fast as it is let, the client reads slowly: megabytes wait unread in the load balancer's sockets, and move with the address.</summary>
    SlowDownload,
}
