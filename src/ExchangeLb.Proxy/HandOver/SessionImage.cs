using ExchangeLb.Linux.Repair;
using ExchangeLb.Proxy.Listening;
using ExchangeLb.Proxy.Sessions;

namespace ExchangeLb.Proxy.HandOver;

/// <summary>A session as another node needs it to go on: names instead of objects, ages instead of times.</summary>
internal sealed record SessionImage
{
    public required string Frontend { get; init; }

    /// <summary>Empty: nobody has let its client in yet, for whom there is no place below a `maxconn`; the node that goes on puts him in line.</summary>
    public required string Backend { get; init; }

    /// <summary>Empty: it has none yet, and the node that goes on with it chooses one.</summary>
    public required string Server { get; init; }
    public SessionTraits Traits { get; init; }

    /// <summary>Wall clock, for the log line; milliseconds since 1970.</summary>
    public long AcceptedUnixMs { get; init; }
    public long AcceptedAgoMs { get; init; }
    public long ClientIdleMs { get; init; }
    public long ServerIdleMs { get; init; }
    public int QueueMs { get; init; }
    public int ConnectMs { get; init; }
    public int RetriesLeft { get; init; }
    public int Attempts { get; init; }
    public int ServerQueuePosition { get; init; }
    public int BackendQueuePosition { get; init; }
    public required FlowImage Upload { get; init; }
    public required FlowImage Download { get; init; }

    /// <summary>The client's connection. Its queues' bytes are in the flows.</summary>
    public required TcpImage Client { get; init; }

    /// <summary>The server's; null: it is over already, and only its bytes are still owed to the client.</summary>
    public TcpImage? ServerSide { get; init; }

    public SessionImage WithoutBytes() =>
        this with { Client = Client.WithoutBytes(), ServerSide = ServerSide?.WithoutBytes(), Upload = Upload with { Held = [] }, Download = Download with { Held = [] } };

    /// <param name="session">Holds no bytes in pipes.</param>
    public static SessionImage Of(Session session, TcpImage client, TcpImage? server, long nowMs) => new()
    {
        Frontend = session.Listener.Frontend.Name,
        Backend = session.BackendModel!.Name,
        Server = session.Server?.Model.Name ?? "",
        Traits = (session.Stuck ? SessionTraits.Stuck : 0) | (session.Redispatched ? SessionTraits.Redispatched : 0)
            | (session.Logged ? SessionTraits.Logged : 0) | (session.NoDelaySet ? SessionTraits.NoDelaySet : 0),
        AcceptedUnixMs = session.AcceptedUnixMs,
        AcceptedAgoMs = nowMs - session.AcceptedMs,
        ClientIdleMs = nowMs - session.ClientActiveMs,
        ServerIdleMs = nowMs - session.ServerActiveMs,
        QueueMs = session.QueueMs,
        ConnectMs = session.ConnectMs,
        RetriesLeft = session.RetriesLeft,
        Attempts = session.Attempts,
        ServerQueuePosition = session.ServerQueuePosition,
        BackendQueuePosition = session.BackendQueuePosition,
        Upload = FlowImage.Of(session.Upload, nowMs),
        Download = FlowImage.Of(session.Download, nowMs),
        Client = client,
        ServerSide = server,
    };

    /// <summary>A client who waits to be let in. His session begins where he is, so its times are those of this moment.</summary>
    public static SessionImage Of(Listener listener, WaitingClient client, TcpImage connection, long nowMs, long unixMs) => new()
    {
        Frontend = listener.Frontend.Name,
        Backend = "",
        Server = "",
        AcceptedUnixMs = unixMs,
        QueueMs = -1,
        ConnectMs = -1,
        Upload = FlowImage.Of(client.Upload, nowMs),
        Download = new FlowImage(),
        Client = connection,
    };

    public bool Waits => Backend.Length == 0;

    /// <summary>The same session so much later, when nothing has happened in it.</summary>
    public SessionImage After(long elapsedMs) => this with
    {
        AcceptedAgoMs = AcceptedAgoMs + elapsedMs,
        ClientIdleMs = ClientIdleMs + elapsedMs,
        ServerIdleMs = ServerIdleMs + elapsedMs,
    };
}

/// <summary>Part of the encoding: bits are only added.</summary>
[System.Flags]
internal enum SessionTraits : byte
{
    Stuck = 1,
    Redispatched = 2,
    Logged = 4,
    NoDelaySet = 8,
}
