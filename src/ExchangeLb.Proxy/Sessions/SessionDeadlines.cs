using System;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Proxy.Sessions;

/// <summary>When a session in <see cref="SessionStage.Relaying"/> has been silent for too long, and whose silence it was. Pure.</summary>
internal static class SessionDeadlines
{
    /// <summary>The earlier of the two sides' deadlines; long.MaxValue when neither is waited for.</summary>
    public static long Next(Session session) => Math.Min(Client(session), Server(session));

    /// <summary>
    /// The client is waited for while it may send and is read from, since it was last active; and while bytes wait to be taken by
    /// it, since it last took some, whatever it sends meanwhile. A client that is not read from because the server is slow is not
    /// silent.
    /// </summary>
    public static long Client(Session session)
    {
        FrontendModel frontend = session.Listener.Plan.Model;
        TimeSpan? half = session.Download.SinkShut ? frontend.ClientFinTimeout : null;
        TimeSpan? wait = half ?? session.BackendModel?.TunnelTimeout ?? frontend.ClientTimeout;
        return Earliest(session.Upload, session.Download, session.ClientActiveMs, wait);
    }

    /// <summary>The same for the server.</summary>
    public static long Server(Session session)
    {
        BackendModel backend = session.BackendModel!;
        TimeSpan? half = session.Upload.SinkShut ? backend.ServerFinTimeout : null;
        TimeSpan? wait = half ?? backend.TunnelTimeout ?? backend.ServerTimeout;
        return Earliest(session.Download, session.Upload, session.ServerActiveMs, wait);
    }

    private static long Earliest(in Flow from, in Flow to, long activeMs, TimeSpan? wait)
    {
        long reading = from.SourceEnded || from.HoldsBytes ? long.MaxValue : After(activeMs, wait);
        long taking = to.HoldsBytes ? After(to.TakenMs, wait) : long.MaxValue;
        return Math.Min(reading, taking);
    }

    public static long After(long startMs, TimeSpan? wait) =>
        wait is { Ticks: > 0 } set ? startMs + (set.Ticks / TimeSpan.TicksPerMillisecond) : long.MaxValue;
}
