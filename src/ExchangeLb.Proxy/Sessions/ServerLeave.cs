using ExchangeLb.Proxy.Backends;
using ExchangeLb.Proxy.Loops;

namespace ExchangeLb.Proxy.Sessions;

/// <summary>What a loop does with the sessions of a server that is not to be used any more.</summary>
internal static class ServerLeave
{
    /// <summary>Those that still try to connect go elsewhere at once; established ones stay, or end when so configured.</summary>
    public static void All(EventLoop loop, ServerState server, bool shutdownSessions)
    {
        for (int i = 0; i < loop.Sessions.HighWater; i++)
        {
            if (loop.Sessions.At(i) is not { } session || session.Server != server)
            {
                continue;
            }
            if (session.Stage is SessionStage.Connecting or SessionStage.TurningAround)
            {
                loop.Connecting.ServerIsGone(session);
            }
            else if (shutdownSessions && session.Stage == SessionStage.Relaying)
            {
                loop.Closing.End(session, SessionEnd.ServerMarkedDown);
            }
        }
    }

    /// <summary>Ends the sessions on backup servers: a primary is there again.</summary>
    public static void Backups(EventLoop loop, BackendState backend)
    {
        for (int i = 0; i < loop.Sessions.HighWater; i++)
        {
            if (loop.Sessions.At(i) is { Stage: SessionStage.Relaying } session
                && session.Backend == backend && session.Server!.Model.Backup)
            {
                loop.Closing.End(session, SessionEnd.BackupDropped);
            }
        }
    }
}
