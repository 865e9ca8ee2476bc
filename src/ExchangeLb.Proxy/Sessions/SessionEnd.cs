namespace ExchangeLb.Proxy.Sessions;

/// <summary>
/// How a session ended: HAProxy's two letters of the session state at disconnection (configuration.txt, 8.5). The first says
/// who ended it, the second in which phase.
/// </summary>
internal readonly record struct SessionEnd(byte Cause, byte Phase)
{
    /// <summary>Both sides closed, all bytes were passed on.</summary>
    public static SessionEnd Normal => new((byte)'-', (byte)'-');

    /// <summary>The client reset the connection or could not be written to.</summary>
    public static SessionEnd ClientAborted => new((byte)'C', (byte)'D');

    /// <summary>The client had reset the connection before anything was done with it.</summary>
    public static SessionEnd ClientAbortedAtOnce => new((byte)'C', (byte)'R');

    /// <summary>The client left while the connection to the server was being made.</summary>
    public static SessionEnd ClientAbortedConnecting => new((byte)'C', (byte)'C');

    /// <summary>The client left while waiting for a place.</summary>
    public static SessionEnd ClientAbortedQueued => new((byte)'C', (byte)'Q');

    /// <summary>The client was silent for longer than its timeout.</summary>
    public static SessionEnd ClientTimeout => new((byte)'c', (byte)'D');

    /// <summary>The server reset the connection or could not be written to.</summary>
    public static SessionEnd ServerAborted => new((byte)'S', (byte)'D');

    /// <summary>No server was usable, or all attempts were refused.</summary>
    public static SessionEnd ServerRefused => new((byte)'S', (byte)'C');

    /// <summary>The server was silent for longer than its timeout.</summary>
    public static SessionEnd ServerTimeout => new((byte)'s', (byte)'D');

    /// <summary>The last attempt to connect took longer than the connect timeout.</summary>
    public static SessionEnd ConnectTimeout => new((byte)'s', (byte)'C');

    /// <summary>No place was free for longer than the queue timeout.</summary>
    public static SessionEnd QueueTimeout => new((byte)'s', (byte)'Q');

    /// <summary>No local port, descriptor or memory was left for the connection to the server.</summary>
    public static SessionEnd ResourceExhausted => new((byte)'R', (byte)'C');

    /// <summary>A primary server came up again and `on-marked-up shutdown-backup-sessions` is set.</summary>
    public static SessionEnd BackupDropped => new((byte)'U', (byte)'-');

    /// <summary>The server went down and `on-marked-down shutdown-sessions` is set.</summary>
    public static SessionEnd ServerMarkedDown => new((byte)'D', (byte)'-');

    /// <summary>Ended by order, as by HAProxy's `shutdown session`.</summary>
    public static SessionEnd ShutDown(SessionStage stage) => new((byte)'K', stage switch
    {
        SessionStage.Queued => (byte)'Q',
        SessionStage.Connecting or SessionStage.TurningAround => (byte)'C',
        _ => (byte)'D',
    });

    /// <summary>The process stopped. HAProxy leaves without a word then, and so do we: it is in no log.</summary>
    public static SessionEnd ProcessStopped => new((byte)'K', (byte)'-');

    public bool IsError => Cause != (byte)'-';
}
