using ExchangeLb.Linux.Repair;
using ExchangeLb.Proxy.Listening;
using ExchangeLb.Proxy.Loops;
using ExchangeLb.Proxy.Sessions;

namespace ExchangeLb.Proxy.HandOver;

/// <summary>
/// Goes on with a session that came from another node: a slot, its places, its times and flows; then both connections leave repair, are watched, and
/// whatever is in hand is passed on. Limits were asked when it was taken. One instance a loop; owner: its thread.
/// </summary>
internal sealed class SessionAdopting(EventLoop loop)
{
    public void Run(AdoptedSession adopted)
    {
        if (loop.Listeners.Find(adopted.Frontend, adopted.Image.Client.Local) is not { } listener)
        {
            adopted.Drop();     // a reload has just taken the frontend away
            return;
        }
        Session session = loop.Sessions.Take();
        Fill(session, adopted, listener);
        EnterPlaces(session, adopted);
        session.Stage = SessionStage.Relaying;
        if (TcpRestore.Release(adopted.Client).Failed || loop.WatchClient(session).Failed)
        {
            loop.Closing.End(session, SessionEnd.ClientAborted);
            return;
        }
        if (adopted.ServerSocket is { } server && (TcpRestore.Release(server).Failed || loop.WatchServer(session).Failed))
        {
            session.Failure = SessionEnd.ServerAborted;
            session.Upload.SinkReady = false;
        }
        loop.Relaying.ScheduleDeadline(session);
        loop.RunAgain(session);
    }

    private void Fill(Session session, AdoptedSession adopted, Listener listener)
    {
        SessionImage image = adopted.Image;
        session.Begin(adopted.Client.Fd, image.Client.Remote, listener, loop.NowMs, image.AcceptedUnixMs);
        session.AcceptedMs = loop.NowMs - image.AcceptedAgoMs;
        session.ClientActiveMs = loop.NowMs - image.ClientIdleMs;
        session.ServerActiveMs = loop.NowMs - image.ServerIdleMs;
        session.Backend = adopted.Backend.State;
        session.BackendModel = adopted.Backend.Model;
        session.Server = adopted.Server;
        session.ServerFd = adopted.ServerSocket?.Fd ?? -1;
        session.Stuck = (image.Traits & SessionTraits.Stuck) != 0;
        session.Redispatched = (image.Traits & SessionTraits.Redispatched) != 0;
        session.Logged = (image.Traits & SessionTraits.Logged) != 0;
        session.NoDelaySet = (image.Traits & SessionTraits.NoDelaySet) != 0;
        session.RetriesLeft = image.RetriesLeft;
        session.Attempts = image.Attempts;
        session.QueueMs = image.QueueMs;
        session.ConnectMs = image.ConnectMs;
        session.ServerQueuePosition = image.ServerQueuePosition;
        session.BackendQueuePosition = image.BackendQueuePosition;
        session.Upload = image.Upload.Restore(image.Client, image.ServerSide, loop.NowMs);
        session.Download = image.Download.Restore(image.ServerSide, image.Client, loop.NowMs);
        session.UploadCounted = image.Upload.Received;
        session.DownloadCounted = image.Download.Received;
    }

    /// <summary>It was let in at the node that it comes from: limits do not put it out here.</summary>
    private void EnterPlaces(Session session, AdoptedSession adopted)
    {
        loop.Process.Connections.Enter();
        adopted.Frontend.Sessions.Enter();
        if (session.Listener.Bind.MaxConn > 0)
        {
            session.Listener.Shared.Sessions.Enter();
        }
        adopted.Backend.State.Sessions.Enter();
        adopted.Server.Sessions.Enter();
        session.HoldsPlace = true;
        adopted.Backend.State.TakePlace(adopted.Server);
    }
}
