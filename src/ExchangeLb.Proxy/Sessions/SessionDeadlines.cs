using System;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Proxy.Sessions;

/// <summary>When a session in <see cref="SessionStage.Relaying"/> has been silent for too long, and whose silence it was. Pure.</summary>
internal static class SessionDeadlines
{
    /// <summary>The earlier of the two sides' deadlines; long.MaxValue when neither is waited for.</summary>
    public static long Next(Session session) => Math.Min(Client(session), Server(session));

    /// <summary>
    /// The client is waited for while it may send and is read from, and while bytes wait to be taken by it. A client that is
    /// not read from because the server is slow is not silent.
    /// </summary>
    public static long Client(Session session)
    {
        bool reading = !session.Upload.SourceEnded && !session.Upload.HoldsBytes;
        if (!reading && !session.Download.HoldsBytes)
        {
            return long.MaxValue;
        }
        FrontendModel frontend = session.Listener.Frontend.Model;
        TimeSpan? half = session.Download.SinkShut ? frontend.ClientFinTimeout : null;
        return After(session.ClientActiveMs, half ?? session.Backend?.Model.TunnelTimeout ?? frontend.ClientTimeout);
    }

    /// <summary>The same for the server.</summary>
    public static long Server(Session session)
    {
        bool reading = !session.Download.SourceEnded && !session.Download.HoldsBytes;
        if (!reading && !session.Upload.HoldsBytes)
        {
            return long.MaxValue;
        }
        BackendModel backend = session.Backend!.Model;
        TimeSpan? half = session.Upload.SinkShut ? backend.ServerFinTimeout : null;
        return After(session.ServerActiveMs, half ?? backend.TunnelTimeout ?? backend.ServerTimeout);
    }

    public static long After(long startMs, TimeSpan? wait) =>
        wait is { Ticks: > 0 } set ? startMs + (set.Ticks / TimeSpan.TicksPerMillisecond) : long.MaxValue;
}
