namespace ExchangeLb.Core.Runtime;

/// <summary>What the administrator wants of a server (management.txt, `set server … state`).</summary>
public enum ServerAdminState
{
    Ready,

    /// <summary>No new sessions but of stuck clients; checks go on.</summary>
    Drain,

    /// <summary>No sessions, no checks.</summary>
    Maintenance,
}

/// <summary>What the checks say of a server.</summary>
public enum ServerHealth
{
    Up,
    Down,

    /// <summary>No `check` on the server line: taken as up.</summary>
    NotChecked,
}

/// <summary>Result of the last check, with HAProxy's short codes (management.txt, 9.1, field 36 `check_status`).</summary>
public enum CheckResult
{
    /// <summary>None finished yet (INI).</summary>
    Initial,

    /// <summary>Could not even be started: socket error (SOCKERR).</summary>
    SocketError,

    /// <summary>TCP connection made, nothing more was asked (L4OK).</summary>
    ConnectOk,

    /// <summary>No answer to the connection attempt in time (L4TOUT).</summary>
    ConnectTimeout,

    /// <summary>Refused, reset, no route (L4CON).</summary>
    ConnectError,

    /// <summary>TLS answer as expected (L6OK).</summary>
    TlsOk,

    /// <summary>No answer to the ClientHello in time (L6TOUT).</summary>
    TlsTimeout,

    /// <summary>The answer was not TLS, or the connection ended (L6RSP).</summary>
    TlsBadResponse,

    /// <summary>HTTP status 2xx or 3xx (L7OK).</summary>
    HttpOk,

    /// <summary>No HTTP answer in time (L7TOUT).</summary>
    HttpTimeout,

    /// <summary>Not HTTP, or the connection ended (L7RSP).</summary>
    HttpBadResponse,

    /// <summary>Another HTTP status (L7STS).</summary>
    HttpBadStatus,
}
