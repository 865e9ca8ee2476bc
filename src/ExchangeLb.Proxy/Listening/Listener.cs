using ExchangeLb.Core.Model;
using ExchangeLb.Proxy.Frontends;

namespace ExchangeLb.Proxy.Listening;

/// <summary>
/// One listening socket of one loop, as one configuration uses it: a reload puts another one in its place, with the same socket. Every
/// loop has its own socket on the same address (SO_REUSEPORT), but for inherited ones.
/// </summary>
internal sealed class Listener(FrontendPlan plan, BindModel bind, BindState shared, int fd)
{
    /// <summary>What a session that begins here goes by to its end.</summary>
    public FrontendPlan Plan { get; } = plan;
    public FrontendState Frontend { get; } = plan.State;
    public BindModel Bind { get; } = bind;

    /// <summary>What the loops' listeners on this address have in common.</summary>
    public BindState Shared { get; } = shared;
    public int Fd { get; } = fd;

    /// <summary>Taken out of the epoll set until a limit has room again or descriptors are free.</summary>
    public bool Paused { get; set; }

    /// <summary>When a listener that the configuration no longer has is closed though clients still wait; long.MaxValue: it stays.</summary>
    public long LeavesByMs { get; set; } = long.MaxValue;

    /// <summary>Closed as soon as nobody waits in its queue.</summary>
    public bool Leaving => LeavesByMs != long.MaxValue;

    /// <summary>Connections taken at most in a turn, 1 and up.</summary>
    public int Burst { get; set; } = 1;

    /// <summary>The loop's turn that last took some.</summary>
    public long LastTurn { get; set; }

    /// <summary>Those who were accepted and are not let in yet.</summary>
    public WaitingLine Line { get; private set; } = new();

    /// <summary>Goes on where the listener of the configuration before, on the same socket, was.</summary>
    public void TakeOver(Listener before)
    {
        Paused = before.Paused;
        Burst = before.Burst;
        LastTurn = before.LastTurn;
        Line = before.Line;
    }
}
