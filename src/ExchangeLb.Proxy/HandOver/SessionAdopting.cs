using System;
using System.Collections.Generic;
using ExchangeLb.Linux.Repair;
using ExchangeLb.Proxy.Listening;
using ExchangeLb.Proxy.Loops;
using ExchangeLb.Proxy.Sessions;

namespace ExchangeLb.Proxy.HandOver;

/// <summary>
/// Goes on with a session that came from another node: a slot, its places, its times and flows; then both connections leave repair, are watched, and
/// whatever is in hand is passed on. Limits held where it began; here only the process' own is asked, when it is taken. One instance a loop; owner: its thread.
/// </summary>
internal sealed class SessionAdopting(EventLoop loop)
{
    /// <summary>Sessions that begin to run in one turn: some 50 us each. Others have their turn in between.</summary>
    private const int AtOnce = 64;

    /// <summary>Sessions that have their turn later.</summary>
    public int Waiting { get; private set; }

    public void Run(IReadOnlyList<AdoptedSession> adopted, int from)
    {
        int to = Math.Min(adopted.Count, from + AtOnce);
        Waiting += (from == 0 ? adopted.Count : 0) - (to - from);
        for (int i = from; i < to; i++)
        {
            Run(adopted[i]);
        }
        if (to < adopted.Count)
        {
            loop.Post(new LoopMessage.RunAdopted(adopted, to));
        }
    }

    private void Run(AdoptedSession adopted)
    {
        if (adopted.Home is not { } home || loop.Listeners.Find(home.Frontend, adopted.Image.Client.Local) is not { } listener)
        {
            adopted.Refuse();
            return;
        }
        Session session = loop.Sessions.Take();
        Fill(session, adopted, home, listener);
        EnterPlaces(session, home);
        session.Stage = SessionStage.Relaying;
        bool clientGoes = TcpRestore.Release(adopted.Client).Ok && loop.WatchClient(session).Ok;
        bool serverGoes = adopted.ServerSocket is not { } server || (TcpRestore.Release(server).Ok && loop.WatchServer(session).Ok);
        if (!clientGoes || !serverGoes)
        {
            loop.Closing.End(session, clientGoes ? SessionEnd.ServerAborted : SessionEnd.ClientAborted);     // out of repair, so both sides hear of it
            return;
        }
        loop.Relaying.ScheduleDeadline(session);
        loop.Recorder.Add(session);
        loop.RunAgain(session);
    }

    private void Fill(Session session, AdoptedSession adopted, SessionHome home, Listener listener)
    {
        SessionImage image = adopted.Image;
        session.Begin(adopted.Client.Fd, image.Client.Remote, listener, loop.NowMs, image.AcceptedUnixMs);
        session.AcceptedMs = loop.NowMs - image.AcceptedAgoMs;
        session.ClientActiveMs = loop.NowMs - image.ClientIdleMs;
        session.ServerActiveMs = loop.NowMs - image.ServerIdleMs;
        session.Backend = home.Backend.State;
        session.BackendModel = home.Backend.Model;
        session.Server = home.Server;
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
    private void EnterPlaces(Session session, SessionHome home)
    {
        loop.Process.Connections.Enter();
        home.Frontend.Sessions.Enter();
        if (session.Listener.Bind.MaxConn > 0)
        {
            session.Listener.Shared.Sessions.Enter();
        }
        home.Backend.State.Sessions.Enter();
        home.Server.Sessions.Enter();
        session.HoldsPlace = true;
        home.Backend.State.TakePlace(home.Server);
    }
}
