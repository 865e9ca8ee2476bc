using System;
using ExchangeLb.Linux.Repair;
using ExchangeLb.Proxy.Loops;
using ExchangeLb.Proxy.Sessions;

namespace ExchangeLb.Proxy.HandOver;

/// <summary>
/// Tells of quiet sessions before they are frozen, while they go on; and says of a frozen one whether it still is what was told. One instance a loop; owner: its
/// thread.
/// </summary>
internal sealed class SessionTelling(EventLoop loop)
{
    /// <summary>Sessions told in one turn, of some 60 us each: nobody waits for them, and those that carry bytes have their turn in between.</summary>
    private const int AtOnce = 16;

    /// <summary>One in which something happened a moment ago will not be the same when it is frozen.</summary>
    private const int QuietForMs = 50;

    /// <summary>To ask for what waits in one takes four calls, against this many.</summary>
    private const int CountedInPlaceOfOne = 16;

    public void Tell(TellOrder order, int from)
    {
        int work = 0;
        for (int i = from; i < loop.Sessions.HighWater && !order.IsClosed; i++)
        {
            if (loop.Sessions.At(i) is not { Stage: SessionStage.Relaying } session || !order.At.AreOf(session))
            {
                continue;
            }
            if (work >= AtOnce * CountedInPlaceOfOne)
            {
                if (!loop.Post(new LoopMessage.TellSessions(order, i)))
                {
                    order.LoopIsThrough();
                }
                return;
            }
            bool told = IsQuiet(session) && TryTell(session, order);
            work += told ? CountedInPlaceOfOne : 1;
            if (!told && ServerSideAddress.CanMove(session, order.Mapped))
            {
                order.CountWaiting(BytesIn(session));
            }
        }
        order.LoopIsThrough();
    }

    /// <summary>Bytes that its image would have to carry.</summary>
    public static long BytesIn(Session session) =>
        TcpDump.Queued(session.ClientFd) + (session.ServerFd < 0 ? 0 : TcpDump.Queued(session.ServerFd)) + session.Upload.BytesHeld + session.Download.BytesHeld;

    /// <summary>It is frozen, no packet comes or goes, and nothing has happened in it since it was told.</summary>
    public bool IsAsTold(Session session, TellOrder order) =>
        order.Of(loop.Index, loop.IdOf(session)) is { } told && HoldsNothing(session)
        && TcpDump.TryStand(session.ClientFd, out TcpStanding client) && client == told.Client
        && TcpDump.TryStand(session.ServerFd, out TcpStanding server) && server == told.Server;

    private bool IsQuiet(Session session) =>
        HoldsNothing(session) && loop.NowMs - Math.Max(session.ClientActiveMs, session.ServerActiveMs) >= QuietForMs;

    /// <summary>Both ways are open, and no bytes are in its hands.</summary>
    private static bool HoldsNothing(Session session) =>
        session is { InReadyList: false, Failure: null, ServerFd: >= 0 } && IsOpen(session.Upload) && IsOpen(session.Download);

    private static bool IsOpen(in Flow flow) => !flow.HoldsBytes && flow is { SourceEnded: false, SinkShut: false, SinkFailed: false };

    private bool TryTell(Session session, TellOrder order)
    {
        // Before the images are made: equal standings later on then speak for the time of their making, too.
        if (!TcpDump.TryStand(session.ClientFd, out TcpStanding client) || !TcpDump.TryStand(session.ServerFd, out TcpStanding server)
            || !client.IsQuiet || !server.IsQuiet || !ServerSideAddress.IsAt(session.ServerFd, order.Mapped))
        {
            return false;
        }
        ImageClock now = ImageClock.Now;
        DumpResult ofClient = TcpDump.Snapshot(session.ClientFd, peerEnded: false, now);
        DumpResult ofServer = ofClient.Image is null ? default : TcpDump.Snapshot(session.ServerFd, peerEnded: false, now);
        if (ofClient.Image is not { } clientImage || ofServer.Image is not { } serverImage)
        {
            return false;
        }
        SessionImage image = SessionImage.Of(session, clientImage, serverImage, loop.NowMs);
        order.Tell(loop.Index, loop.IdOf(session), client, server, SessionImageCodec.Write(image, now));
        return true;
    }
}
