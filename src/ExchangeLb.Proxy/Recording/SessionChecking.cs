using System.Collections.Generic;
using ExchangeLb.Linux.Calls;
using ExchangeLb.Linux.Repair;
using ExchangeLb.Proxy.Loops;
using ExchangeLb.Proxy.Sessions;

namespace ExchangeLb.Proxy.Recording;

/// <summary>
/// Asks both sides of this loop's quiet sessions where they stand, and resets those with which another node has gone on: of these this node's sockets would
/// wait for ever. The sessions notice nothing of a question. One instance a loop; owner: its thread.
/// </summary>
internal sealed class SessionChecking(EventLoop loop)
{
    /// <summary>Sessions asked in one turn, of some 80 us each: others have their turn in between.</summary>
    private const int AtOnce = 16;

    public void Ask(CheckRound round, int from)
    {
        int asked = 0;
        for (int i = from; i < loop.Sessions.HighWater && !round.IsCalledOff; i++)
        {
            if (loop.Sessions.At(i) is not { Stage: SessionStage.Relaying, ServerFd: >= 0 } session || !round.Wants(loop.IdOf(session)) || !round.At.AreOf(session))
            {
                continue;
            }
            if (++asked > AtOnce)
            {
                if (!loop.Post(new LoopMessage.AskSessions(round, i)))
                {
                    round.LoopIsThrough();
                }
                return;
            }
            Ask(session, round);
        }
        round.LoopIsThrough();
    }

    /// <param name="heard">Sessions of this loop.</param>
    public void Judge(CheckRound round, List<CheckedSession> heard)
    {
        foreach (CheckedSession asked in heard)
        {
            if (!round.IsCalledOff && loop.Sessions.Find(asked.Index, asked.Generation) is { Stage: SessionStage.Relaying, ServerFd: >= 0 } session
                && TryStand(session, out TcpImage? client, out TcpImage? server))
            {
                SessionStand now = new(HalfNumbers.Of(client!), HalfNumbers.Of(server!));
                if (round.Judge(asked, now))
                {
                    Reset(session, asked, now);
                }
            }
        }
        round.LoopIsThrough();
    }

    private void Ask(Session session, CheckRound round)
    {
        ulong id = loop.IdOf(session);
        if (!TryStand(session, out TcpImage? client, out TcpImage? server))
        {
            round.Later(id);
            return;
        }
        if (client!.Local.Mapped != server!.Local.Mapped)
        {
            return;     // no other node could go on with it
        }
        CheckedSession asked = new(id, session.Index, session.Generation, ConnectionEnds.Of(client), ConnectionEnds.Of(server));
        round.Ask(asked, new SessionStand(HalfNumbers.Of(client), HalfNumbers.Of(server)));
        _ = TcpProbe.Ask(session.ClientFd, out uint _);     // who was not asked does not answer, and is asked again
        _ = TcpProbe.Ask(session.ServerFd, out uint _);
    }

    /// <summary>False: bytes are on their way.</summary>
    private static bool TryStand(Session session, out TcpImage? client, out TcpImage? server)
    {
        ImageClock now = ImageClock.Now;
        client = TcpDump.Snapshot(session.ClientFd, session.Upload.SourceEnded, now).Image;
        server = client is null ? null : TcpDump.Snapshot(session.ServerFd, session.Download.SourceEnded, now).Image;
        return server is not null;
    }

    /// <summary>With the numbers that its sides said, since they take no others.</summary>
    private void Reset(Session session, CheckedSession asked, in SessionStand now)
    {
        loop.Closing.Abandon(session);
        Reset(asked.Client, asked.ClientSaid ?? now.Client);
        Reset(asked.Server, asked.ServerSaid ?? now.Server);
    }

    private static void Reset(in ConnectionEnds ends, in HalfNumbers numbers)
    {
        SysResult _ = TcpReset.Exactly(ends.Local, ends.Remote, numbers.SendUnacked, numbers.ReceiveNext);
    }
}
