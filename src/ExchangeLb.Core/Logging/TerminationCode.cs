namespace ExchangeLb.Core.Logging;

/// <summary>How a session ended: the two characters of a traffic log line (configuration.txt, 8.5).</summary>
public readonly record struct TerminationCode(TerminationCause Cause, TerminationPhase Phase)
{
    /// <summary>Both sides closed in order: `--`.</summary>
    public static TerminationCode Normal { get; } = new(TerminationCause.None, TerminationPhase.None);

    public override string ToString() => $"{(char)Cause}{(char)Phase}";
}

/// <summary>The first event that ended a session. Values are the log's characters.</summary>
public enum TerminationCause : byte
{
    /// <summary>Both sides closed in order.</summary>
    None = (byte)'-',

    /// <summary>The client reset or gave up the connection.</summary>
    Client = (byte)'C',

    /// <summary>The server reset or refused the connection, or none could be had.</summary>
    Server = (byte)'S',

    /// <summary>The proxy refused it: a rule, a limit, or a request that is not valid.</summary>
    Proxy = (byte)'P',

    /// <summary>The proxy ran out of something: memory, descriptors, ports.</summary>
    Resource = (byte)'R',

    /// <summary>The proxy found an error of its own.</summary>
    Internal = (byte)'I',

    /// <summary>The server went down and its sessions were shut (`on-marked-down shutdown-sessions`).</summary>
    ServerDown = (byte)'D',

    /// <summary>The proxy itself answered: the stats page.</summary>
    Local = (byte)'L',

    /// <summary>An active server came back and the sessions of backup servers were shut (`on-marked-up shutdown-backup-sessions`).</summary>
    ServerUp = (byte)'U',

    /// <summary>The administrator ended it.</summary>
    Killed = (byte)'K',

    /// <summary>`timeout client` ran out.</summary>
    ClientTimeout = (byte)'c',

    /// <summary>A timeout of the server's side ran out: queue, connect, server or tunnel.</summary>
    ServerTimeout = (byte)'s',
}

/// <summary>How far a session had come when it ended. Values are the log's characters.</summary>
public enum TerminationPhase : byte
{
    /// <summary>It was over: both sides closed in order.</summary>
    None = (byte)'-',

    /// <summary>Waiting for the client's request (sections that serve the stats page).</summary>
    Request = (byte)'R',

    /// <summary>Waiting in a queue for a server.</summary>
    Queue = (byte)'Q',

    /// <summary>Connecting to the server, or finding none.</summary>
    Connect = (byte)'C',

    /// <summary>Waiting for the head of the server's answer (HTTP only).</summary>
    Header = (byte)'H',

    /// <summary>Relaying data.</summary>
    Data = (byte)'D',

    /// <summary>The server had closed, the last data was on its way to the client.</summary>
    Last = (byte)'L',

    /// <summary>Held up on purpose (HTTP only).</summary>
    Tarpit = (byte)'T',
}
