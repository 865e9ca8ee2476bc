using ExchangeLb.Core.Model;
using ExchangeLb.Linux.Sockets;
using ExchangeLb.Proxy.Backends;
using ExchangeLb.Proxy.Listening;

namespace ExchangeLb.Proxy.Sessions;

/// <summary>
/// One client connection and what became of it: plain data, reused slot by slot. Owner: the thread of the loop whose table it
/// is in. Times are milliseconds of the loop's clock.
/// </summary>
internal sealed class Session
{
    // Place in the table.
    public int Index;
    public uint Generation;
    public SessionStage Stage;

    /// <summary>In the loop's list of sessions that have more to do this turn.</summary>
    public bool InReadyList;

    // The client's side.
    public int ClientFd = -1;
    public SockAddress ClientAddress;
    public Listener Listener = null!;
    public long AcceptedMs;
    public long AcceptedUnixMs;
    public long ClientActiveMs;

    // The server's side.
    public BackendState? Backend;

    /// <summary>What the backend's configuration was when the session came there: it ends with it. Null like <see cref="Backend"/>.</summary>
    public BackendModel? BackendModel;
    public ServerState? Server;
    public int ServerFd = -1;
    public long ServerActiveMs;

    /// <summary>The server was found in the stick table: balancing was not asked.</summary>
    public bool Stuck;

    /// <summary>The server that it left and that another one is being sought for; null: none.</summary>
    public ServerState? Left;

    /// <summary>Another server than the first chosen got it.</summary>
    public bool Redispatched;

    /// <summary>The server counts this session among those it serves; to be given back once.</summary>
    public bool HoldsPlace;
    public int RetriesLeft;

    /// <summary>Connections to servers tried.</summary>
    public int Attempts;
    public bool NoDelaySet;

    /// <summary>There was no descriptor for the server's side; it is tried again.</summary>
    public bool LacksSocket;

    /// <summary>Where it stands in line while <see cref="SessionStage.Queued"/>.</summary>
    public Waiter? Waiter;
    public int ServerQueuePosition;
    public int BackendQueuePosition;

    // The two directions.
    public Flow Upload;     // client -> server
    public Flow Download;   // server -> client

    /// <summary>Of the bytes received, those that are in the counters already.</summary>
    public long UploadCounted;
    public long DownloadCounted;

    // Times.
    public long DeadlineMs;
    public long QueuedMs;

    /// <summary>The end of the queue timeout, which runs from the first line on; 0: it was in none yet.</summary>
    public long QueueDeadlineMs;
    public long ConnectStartedMs;

    /// <summary>Time spent waiting for a place; -1: none was granted.</summary>
    public int QueueMs;

    /// <summary>Time until the connection to the server was made; -1: it never was.</summary>
    public int ConnectMs;

    /// <summary>The server's connection failed; the session ends so once the client has all that came before.</summary>
    public SessionEnd? Failure;

    /// <summary>The traffic log line has been written already (logasap).</summary>
    public bool Logged;

    /// <summary>Where a peer is told of it; null: it is not.</summary>
    public Recording.SharedRecords? Recording;

    /// <summary>The peer was told that it is quiet, or is in the next message.</summary>
    public bool RecordedQuiet;

    /// <summary>The peer was told where it stood when it was quiet, once at least, or is in the next message.</summary>
    public bool RecordedImage;

    /// <summary>Frozen, and it goes on at another node: nobody here is to speak of it any more.</summary>
    public bool Given;

    /// <summary>The peer was told of it before it was connected to a server.</summary>
    public bool RecordedOpening;

    /// <summary>Another process may have its sockets open: closing them says nothing to the other sides.</summary>
    public bool Shared;

    /// <summary>The holder that has duplicates of its sockets, by its number (<see cref="Recording.HeldSessions"/>); 0: none.</summary>
    public int HeldBy;

    // Links of the timer wheel.
    public long TimerTick = -1;
    public Session? TimerNext;
    public Session? TimerPrevious;

    /// <summary>Makes a free slot ready for a new connection.</summary>
    public void Begin(int clientFd, in SockAddress client, Listener listener, long nowMs, long unixMs)
    {
        ClientFd = clientFd;
        ClientAddress = client;
        Listener = listener;
        AcceptedMs = nowMs;
        AcceptedUnixMs = unixMs;
        ClientActiveMs = nowMs;
        ServerActiveMs = nowMs;
        Backend = null;
        BackendModel = null;
        Server = null;
        ServerFd = -1;
        Stuck = false;
        Left = null;
        Redispatched = false;
        HoldsPlace = false;
        NoDelaySet = false;
        Attempts = 0;
        Waiter = null;
        ServerQueuePosition = 0;
        BackendQueuePosition = 0;
        Upload = default;
        Download = default;
        UploadCounted = 0;
        DownloadCounted = 0;
        Download.SinkReady = true;      // a fresh socket has an empty send buffer
        DeadlineMs = long.MaxValue;
        QueueDeadlineMs = 0;
        QueueMs = -1;
        ConnectMs = -1;
        Failure = null;
        ConnectStartedMs = 0;
        Logged = false;
        InReadyList = false;
        Recording = null;
        RecordedQuiet = false;
        RecordedImage = false;
        Given = false;
        RecordedOpening = false;
        Shared = false;
        HeldBy = 0;
    }
}
