using System.Collections.Generic;
using ExchangeLb.Linux.Calls;
using ExchangeLb.Linux.Repair;
using ExchangeLb.Linux.Sockets;
using ExchangeLb.Proxy.Frontends;
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

    /// <summary>Bytes that come to hand in the time of one.</summary>
    private const int BytesInPlaceOfOne = 128 * 1024;

    /// <summary>Sessions that have their turn later.</summary>
    public int Waiting { get; private set; }

    public void Run(RunOrder order, IReadOnlyList<AdoptedSession> adopted, int from)
    {
        int to = from, amid = 0;
        for (long work = 0; to < adopted.Count && work < AtOnce; to++)
        {
            amid += adopted[to].IsAmid ? 1 : 0;
            work += 1 + (adopted[to].BytesInHand / BytesInPlaceOfOne);
            Run(adopted[to]);
        }
        Waiting += (from == 0 ? adopted.Count : 0) - (to - from);
        if (to < adopted.Count)
        {
            loop.Post(new LoopMessage.RunAdopted(order, adopted, to));
        }
        loop.Process.HaveAdopted(to - from);
        loop.Post(new LoopMessage.HaveRun(order, amid));        // in the next turn: what they have in hand is sent at the end of this one
    }

    private void Run(AdoptedSession adopted)
    {
        if (adopted.Home is not { } home || loop.Listeners.Find(home.Frontend, adopted.Image.Client.Local) is not { } listener)
        {
            adopted.Refuse();
            return;
        }
        if (adopted.Image.Waits)
        {
            LineUp(listener, adopted);
            return;
        }
        Session session = loop.Sessions.Take();
        session.Begin(adopted.Client.Fd, adopted.Image.Client.Remote, listener, loop.NowMs, adopted.Image.AcceptedUnixMs);
        if (home.Place is not { } place)
        {
            RunYoung(session, adopted.Image, home.Frontend, adopted.Client);
            return;
        }
        Fill(session, adopted, place);
        EnterPlaces(session, home.Frontend);
        EnterPlace(session, place);
        session.Stage = SessionStage.Relaying;
        bool clientGoes = TcpRestore.Release(adopted.Client).Ok && loop.WatchClient(session).Ok;
        bool serverGoes = adopted.ServerSocket is not { } server || (TcpRestore.Release(server).Ok && loop.WatchServer(session).Ok);
        if (!clientGoes || !serverGoes)
        {
            loop.Closing.End(session, clientGoes ? SessionEnd.ServerAborted : SessionEnd.ClientAborted);     // out of repair, so both sides hear of it
            return;
        }
        Bound(session);
        loop.Relaying.ScheduleDeadline(session);
        loop.Recorder.Add(session);
        loop.RunAgain(session);
    }

    /// <summary>He waits on, and is let in here once there is room: after all sessions that came with him count.</summary>
    private void LineUp(Listener listener, AdoptedSession adopted)
    {
        if (!loop.Listeners.IsOpen)
        {
            adopted.Refuse();
            return;
        }
        if (TcpRestore.Release(adopted.Client).Failed)
        {
            TcpSocket.ResetOnClose(adopted.Client.Fd);
            Descriptor.Close(adopted.Client.Fd);
            return;
        }
        loop.Process.Buffers.Client.Apply(adopted.Client.Fd);
        WaitingClient client = new(adopted.Client.Fd, adopted.Image.Client.Remote);
        client.Upload = adopted.Image.Upload.Restore(adopted.Image.Client, sink: null, loop.NowMs, adopted.Client.HoldsReceived);
        client.Upload.SinkShut = false;     // there is none yet
        listener.Line.Add(client, loop.Process);
        loop.Listeners.Pause(listener, resourcesExhausted: false, loop.NowMs);
    }

    /// <summary>It had no server where it comes from: it gets one here, as one that was accepted here.</summary>
    private void RunYoung(Session session, SessionImage image, FrontendState frontend, RestoredSocket client)
    {
        session.AcceptedMs = loop.NowMs - image.AcceptedAgoMs;
        session.Upload = image.Upload.Restore(image.Client, sink: null, loop.NowMs, client.HoldsReceived);
        session.Upload.SinkShut = false;     // there is none yet
        session.Stage = SessionStage.Connecting;
        EnterPlaces(session, frontend);
        if (TcpRestore.Release(client).Failed || loop.WatchClient(session).Failed)
        {
            loop.Closing.End(session, SessionEnd.ClientAbortedAtOnce);
            return;
        }
        Bound(session);
        loop.Recent.Note(session);
        loop.Opening.SendOn(session, isCounted: true);
    }

    /// <summary>
    /// As if its sockets had been made here. Not before they are released: until then there has to be room for all that was unacknowledged, and for what the
    /// other sides were promised; from here on the kernel takes back what it promised beyond the bounds as it is used up.
    /// </summary>
    private void Bound(Session session)
    {
        loop.Process.Buffers.Client.Apply(session.ClientFd);
        if (session.ServerFd >= 0) { loop.Process.Buffers.Server.Apply(session.ServerFd); }
    }

    private static void Fill(Session session, AdoptedSession adopted, SessionPlace place)
    {
        SessionImage image = adopted.Image;
        session.AcceptedMs = adopted.OpenedMs - image.AcceptedAgoMs;
        session.ClientActiveMs = adopted.OpenedMs - image.ClientIdleMs;
        session.ServerActiveMs = adopted.OpenedMs - image.ServerIdleMs;
        session.Backend = place.Backend.State;
        session.BackendModel = place.Backend.Model;
        session.Server = place.Server;
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
        session.Upload = image.Upload.Restore(image.Client, image.ServerSide, adopted.OpenedMs, adopted.Client.HoldsReceived);
        session.Download = image.Download.Restore(image.ServerSide, image.Client, adopted.OpenedMs, adopted.ServerSocket is { HoldsReceived: true });
        session.UploadCounted = image.Upload.Received;
        session.DownloadCounted = image.Download.Received;
    }

    /// <summary>It was let in at the node that it comes from: limits do not put it out here.</summary>
    private void EnterPlaces(Session session, FrontendState frontend)
    {
        loop.Process.Connections.Enter();
        frontend.Sessions.Enter();
        if (session.Listener.Bind.MaxConn > 0)
        {
            session.Listener.Shared.Sessions.Enter();
        }
    }

    private static void EnterPlace(Session session, SessionPlace place)
    {
        place.Backend.State.Sessions.Enter();
        place.Server.Sessions.Enter();
        session.HoldsPlace = true;
        place.Backend.State.TakePlace(place.Server);
    }
}
