using System;
using System.Collections.Generic;
using System.Linq;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Runtime;
using ExchangeLb.Linux.Repair;
using ExchangeLb.Linux.Sockets;
using ExchangeLb.Proxy.Backends;
using ExchangeLb.Proxy.Listening;
using ExchangeLb.Proxy.Loops;
using ExchangeLb.Proxy.Recording;
using ExchangeLb.Proxy.Sessions;

namespace ExchangeLb.Proxy.HandOver;

/// <summary>
/// Stops sessions between two packets, so that another node can go on with them: (1) of one that is what was told ahead nothing more is done; else
/// (2) what is in a pipe comes to hand; (3) both connections go into repair and are described; (4) the image is shipped. One that has no server yet gives up
/// what it has begun, and goes with its client's connection alone. Before all that, those who wait in the kernel's queue are accepted, whatever `maxconn` says, and
/// frozen in the listener's line; one in line is no session yet, and is shipped after all of them. A frozen session keeps its slot and its
/// sockets until it is resumed or forgotten; nobody
/// reads, writes or times it out meanwhile. One instance a loop; owner: its thread.
/// </summary>
internal sealed class SessionFreezing(EventLoop loop)
{
    /// <summary>Sessions frozen in one turn: 2 connections of 20 us each. Those of other addresses have their turn in between.</summary>
    private const int AtOnce = 64;

    /// <summary>To see that one is as it was told takes two calls of a microsecond: what it costs against one that is described.</summary>
    private const int AsToldInPlaceOfOne = 16;

    /// <summary>Bytes that are read and copied in the time of one such look: a turn with large queues takes some 5 ms, and not a second.</summary>
    private const int BytesInPlaceOfAsTold = 8 * 1024;

    /// <summary>Of those that are larger this node keeps no copy once they are gone: they are not quiet, and so none would be of use.</summary>
    private const int LargeImage = 8 * 1024;

    /// <summary>Addresses of which a slice of the frozen sessions goes on in each turn.</summary>
    private readonly List<LocalAddresses> _resuming = [];

    public void Freeze(FreezeOrder order, int from)
    {
        if (from == 0)
        {
            FinishResuming(order.At);
        }
        if (from == 0 && (loop.Opening.LineUpSome(order) | FreezeWaiting(order)) && loop.Post(new LoopMessage.FreezeSessions(order, From: 0)))
        {
            return;     // nobody joins the queue of a frozen address: it ends
        }
        List<ulong> asTold = [];
        int next = FreezeSome(order, from, asTold);
        if (asTold.Count > 0)
        {
            order.ShipAsTold(loop.Index, asTold.ToArray());
        }
        if (next >= loop.Sessions.HighWater || !loop.Post(new LoopMessage.FreezeSessions(order, next)))
        {
            order.LoopIsThrough();
        }
    }

    /// <summary>Those who wait to be let in, in line.</summary>
    /// <returns>True: there are more.</returns>
    private bool FreezeWaiting(FreezeOrder order)
    {
        int work = 0;
        foreach ((Listener listener, WaitingClient client) in loop.Listeners.InLine(order.At, client => !client.Frozen && client.LeftBy != order, AtOnce + 1))
        {
            if (work >= AtOnce * AsToldInPlaceOfOne)
            {
                return true;
            }
            work += AsToldInPlaceOfOne;
            if (listener.Frontend.Mode != ProxyMode.Tcp)
            {
                client.LeftBy = order;
                continue;
            }
            long bytes = order.TakesWaiting ? TcpDump.Queued(client.Fd) + client.Upload.BytesHeld : 0;
            if (!order.TakesRoom(bytes))
            {
                client.LeftBy = order;
                continue;
            }
            ImageClock now = ImageClock.Now;
            DumpResult dump = order.TakesWaiting ? TcpDump.Freeze(client.Fd, client.Upload.SourceEnded, now) : default;
            if (dump.Image is { } connection)
            {
                client.Frozen = true;
                ReadOnlyMemory<byte> written = SessionImageCodec.Write(SessionImage.Of(listener, client, connection, loop.NowMs, loop.UnixMs), now);
                work += written.Length / BytesInPlaceOfAsTold;
                order.ShipLast(loop.NextWaitingId(), written);
                continue;
            }
            order.GiveRoomBack(bytes);
            if (dump.Verdict == DumpVerdict.Over)
            {
                listener.Line.Drop(client, loop.Process);       // he did not wait
            }
            else
            {
                client.LeftBy = order;
                order.CountLeft();
            }
        }
        return false;
    }

    /// <returns>The slot to go on from in the next turn.</returns>
    private int FreezeSome(FreezeOrder order, int from, List<ulong> asTold)
    {
        int work = 0;
        for (int i = from; i < loop.Sessions.HighWater; i++)
        {
            if (loop.Sessions.At(i) is not { Stage: not SessionStage.Frozen } session || !order.At.AreOf(session))
            {
                continue;
            }
            if (work >= AtOnce * AsToldInPlaceOfOne)
            {
                return i;
            }
            if (session.Stage == SessionStage.Relaying && order.Told is { } told && loop.Telling.IsAsTold(session, told))
            {
                work++;
                loop.Relaying.CountBytes(session);
                Stop(session);
                asTold.Add(loop.IdOf(session));
                continue;
            }
            long bytes = SessionTelling.BytesIn(session);
            bool relays = session.Stage == SessionStage.Relaying;
            if (relays && !ServerSideAddress.CanMove(session, order.Mapped))
            {
                work++;
                order.CountLeft();
                continue;
            }
            if (!order.TakesRoom(bytes))
            {
                work++;
                continue;
            }
            work += AsToldInPlaceOfOne;
            if ((relays ? TryFreeze(session) : TryFreezeYoung(session)) is { } image)
            {
                ReadOnlyMemory<byte> written = SessionImageCodec.Write(image, ImageClock.Now);
                work += written.Length / BytesInPlaceOfAsTold;
                order.Ship(loop.IdOf(session), written, written.Length > LargeImage ? SessionImageCodec.Write(image.WithoutBytes(), ImageClock.Now) : null);
            }
            else
            {
                order.GiveRoomBack(bytes);
                order.CountLeft();
            }
        }
        return loop.Sessions.HighWater;
    }

    /// <summary>The other node did not take them.</summary>
    public void Resume(LocalAddresses at)
    {
        _resuming.Add(at);
        ResumeOn(at, from: 0);
    }

    /// <summary>A slice of them; nothing where <see cref="FinishResuming"/> was faster.</summary>
    public void ResumeOn(LocalAddresses at, int from)
    {
        if (!_resuming.Contains(at))
        {
            return;
        }
        int? rest = from == 0 && ResumeWaiting(at) ? 0 : EachFrozen(at, from, Resume);
        if (rest is not { } next || !loop.Post(new LoopMessage.ResumeMore(at, next)))
        {
            _resuming.Remove(at);
        }
    }

    /// <summary>Before the next freeze, which would pass over those that are frozen still, while the rest of this let go what it has frozen.</summary>
    private void FinishResuming(LocalAddresses freezing)
    {
        foreach (LocalAddresses at in _resuming.FindAll(freezing.Overlaps))
        {
            while (ResumeWaiting(at)) { }
            for (int? from = 0; from is { } next; from = EachFrozen(at, next, Resume)) { }
            _resuming.Remove(at);
        }
    }

    /// <summary>They live elsewhere now.</summary>
    public void Forget(LocalAddresses at, int from)
    {
        if (from == 0)
        {
            DropWaiting(at, client => client.Frozen);
            for (int i = 0; i < loop.Sessions.HighWater; i++)
            {
                if (loop.Sessions.At(i) is { Stage: SessionStage.Frozen } session && at.AreOf(session))
                {
                    session.Given = true;
                }
            }
        }
        if (EachFrozen(at, from, Forget) is { } rest)
        {
            loop.Post(new LoopMessage.ForgetFrozen(at, rest));
        }
    }

    /// <summary>Those who wait to be let in end here. Of who is frozen nobody hears.</summary>
    /// <param name="late">As of sessions: <see cref="CutOrder.IsLate"/>.</param>
    public void DropWaiting(LocalAddresses at, Func<WaitingClient, bool> match, bool late = false)
    {
        foreach ((Listener listener, WaitingClient client) in loop.Listeners.InLine(at, match))
        {
            if (late) { ListenSocket.ResetFromAnywhere(client.Fd); }
            listener.Line.Drop(client, loop.Process);
        }
    }

    /// <summary>They end here without a packet, and are told of before, like sessions.</summary>
    public void AbandonWaiting(AbandonOrder order)
    {
        List<(Listener Listener, WaitingClient Client)> ending = loop.Listeners.InLine(order.At, _ => true);
        if (ending.Count > 0)
        {
            SessionRecorder.TellLost(ending.Select(waiting => waiting.Client.Fd), loop, order.NewBatch());
        }
        foreach ((Listener listener, WaitingClient client) in ending)
        {
            TcpDump.Silence(client.Fd);
            listener.Line.Drop(client, loop.Process);
        }
    }

    /// <summary>They wait on here, in the same order.</summary>
    /// <returns>True: there are more.</returns>
    private bool ResumeWaiting(LocalAddresses at)
    {
        int resumed = 0;
        foreach ((Listener listener, WaitingClient client) in loop.Listeners.InLine(at, client => client.Frozen, AtOnce + 1))
        {
            if (++resumed > AtOnce)
            {
                return true;
            }
            client.Frozen = false;
            bool goes = TcpDump.Resume(client.Fd).Ok;
            if (!goes || !loop.Listeners.IsOpen)
            {
                TcpSocket.ResetOnClose(client.Fd);      // he hears that nobody will let him in
                listener.Line.Drop(client, loop.Process);
            }
            else
            {
                loop.Listeners.Pause(listener, resourcesExhausted: false, loop.NowMs);      // tried while all in line were frozen, it went on as if nobody were
            }
        }
        loop.Post(new LoopMessage.ResumeAccepting());
        return false;
    }

    /// <returns>The slot to go on from in the next turn; null: all is done.</returns>
    private int? EachFrozen(LocalAddresses at, int from, Action<Session> act)
    {
        int done = 0;
        for (int i = from; i < loop.Sessions.HighWater; i++)
        {
            if (loop.Sessions.At(i) is { Stage: SessionStage.Frozen } session && at.AreOf(session))
            {
                if (++done > AtOnce)
                {
                    return i;
                }
                act(session);
            }
        }
        return null;
    }

    private SessionImage? TryFreeze(Session session)
    {
        loop.Relaying.CountBytes(session);
        TakeInHand(ref session.Upload);
        TakeInHand(ref session.Download);
        ImageClock now = ImageClock.Now;
        DumpResult client = TcpDump.Freeze(session.ClientFd, session.Upload.SourceEnded, now);
        if (client.Image is not { } clientImage)
        {
            return null;
        }
        DumpResult server = session.ServerFd < 0 ? new DumpResult(DumpVerdict.Over, null, default)
            : TcpDump.Freeze(session.ServerFd, session.Download.SourceEnded, now);
        if (server.Image is null && !(ServerSideAddress.IsServerOver(session) && server.Verdict == DumpVerdict.Over))
        {
            TcpDump.Resume(session.ClientFd);
            return null;
        }
        Stop(session);
        return SessionImage.Of(session, clientImage, server.Image, loop.NowMs);
    }

    private void Stop(Session session)
    {
        session.Stage = SessionStage.Frozen;
        loop.Timers.Cancel(session);
    }

    private void Forget(Session session)
    {
        TcpDump.Silence(session.ClientFd);      // of one that is as told the sockets are not in repair yet
        if (session.ServerFd >= 0)
        {
            TcpDump.Silence(session.ServerFd);
        }
        loop.Closing.Forget(session);
    }

    private SessionImage? TryFreezeYoung(Session session)
    {
        ImageClock now = ImageClock.Now;
        if (TcpDump.Freeze(session.ClientFd, session.Upload.SourceEnded, now).Image is not { } client)
        {
            return null;
        }
        SessionImage image = SessionImage.Of(session, client, server: null, loop.NowMs) with { Server = "" };
        loop.Opening.StepBack(session);
        session.Stage = SessionStage.Frozen;
        loop.Timers.Cancel(session);
        return image;
    }

    private void Resume(Session session)
    {
        if (session.Server is null)
        {
            ResumeYoung(session);
            return;
        }
        session.Stage = SessionStage.Relaying;
        bool clientGoes = TcpDump.Resume(session.ClientFd).Ok;
        _ = TcpDump.Resume(session.ServerFd);   // one that is over already needs no more of it; the read tells
        ServerState server = session.Server!;
        bool serverLeft = server is { Health: ServerHealth.Down, Model.ShutdownSessionsWhenDown: true };
        if (!clientGoes || serverLeft)
        {
            loop.Closing.End(session, clientGoes ? SessionEnd.ServerMarkedDown : SessionEnd.ClientAborted);
            return;
        }
        session.Upload.SourceReady = !session.Upload.SourceEnded;
        session.Download.SourceReady = !session.Download.SourceEnded;
        session.Upload.SinkReady = true;
        session.Download.SinkReady = true;
        loop.Relaying.ScheduleDeadline(session);
        loop.RunAgain(session);
    }

    private void ResumeYoung(Session session)
    {
        session.Stage = SessionStage.Connecting;
        if (TcpDump.Resume(session.ClientFd).Failed)
        {
            loop.Closing.End(session, SessionEnd.ClientAbortedConnecting);
            return;
        }
        session.Upload.SourceReady = !session.Upload.SourceEnded;
        loop.Opening.SendOn(session, isCounted: true);
    }

    /// <summary>A pipe's bytes can't be looked at without being taken: they become bytes in hand, here too.</summary>
    private void TakeInHand(ref Flow flow)
    {
        if (flow.Pipe is not { Held: > 0 } pipe)
        {
            return;
        }
        byte[] pending = Flow.Take(pipe.Held);
        flow.PendingStart = 0;
        flow.PendingEnd = pipe.TakeAll(pending);
        flow.Pending = pending;
        flow.Pipe = null;
        loop.Pipes.Return(pipe);
    }
}
