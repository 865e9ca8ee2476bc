using System.Collections.Generic;
using ExchangeLb.Proxy.Backends;
using ExchangeLb.Proxy.HandOver;
using ExchangeLb.Proxy.Recording;
using ExchangeLb.Proxy.Reload;
using ExchangeLb.Proxy.Sessions;

namespace ExchangeLb.Proxy.Loops;

/// <summary>What one thread asks of a loop. Handled once a turn, on the loop's thread.</summary>
internal abstract record LoopMessage
{
    /// <summary>A limit that stopped accepting may have room again.</summary>
    internal sealed record ResumeAccepting : LoopMessage;

    /// <summary>A waiting session has been given a place at a server, which it must use or give back.</summary>
    internal sealed record PlaceGranted(SessionTicket Ticket, ServerState Server) : LoopMessage;

    /// <summary>A waiting session's server went away: choose anew.</summary>
    internal sealed record ChooseAgain(SessionTicket Ticket) : LoopMessage;

    /// <summary>A server is down or in maintenance: leave it, see <see cref="ServerLeave"/>.</summary>
    internal sealed record LeaveServer(ServerState Server, bool ShutdownSessions) : LoopMessage;

    /// <summary>End the sessions on backup servers of a backend (`on-marked-up shutdown-backup-sessions`).</summary>
    internal sealed record ShutdownBackups(BackendState Backend) : LoopMessage;

    /// <summary>Count the sessions of these addresses that were accepted less than so long ago.</summary>
    internal sealed record CountYoung(YoungSessions Young, LocalAddresses At, int YoungerThanMs) : LoopMessage;

    /// <summary>End all sessions of these addresses, from this slot on: their packets go elsewhere now.</summary>
    internal sealed record CutSessions(CutOrder Order, int From) : LoopMessage;

    /// <summary>Tell of the quiet sessions of an address, from this slot on.</summary>
    internal sealed record TellSessions(TellOrder Order, int From) : LoopMessage;

    /// <summary>Freeze the sessions of an address, from this slot on, and ship them.</summary>
    internal sealed record FreezeSessions(FreezeOrder Order, int From) : LoopMessage;

    /// <summary>Let the frozen sessions of these addresses go on.</summary>
    internal sealed record ResumeFrozen(LocalAddresses At) : LoopMessage;

    /// <summary>The same, from this slot on.</summary>
    internal sealed record ResumeMore(LocalAddresses At, int From) : LoopMessage;

    /// <summary>The frozen sessions of these addresses live at another node; from this slot on.</summary>
    internal sealed record ForgetFrozen(LocalAddresses At, int From) : LoopMessage;

    /// <summary>Go on with sessions that came from another node, from this one on.</summary>
    internal sealed record RunAdopted(RunOrder Order, IReadOnlyList<AdoptedSession> Adopted, int From) : LoopMessage;

    /// <summary>So many of them in which something was on its way had their turn, in the last one of the loop.</summary>
    internal sealed record HaveRun(RunOrder Order, int Count) : LoopMessage;

    /// <summary>Tell a peer of the sessions of an address, those that exist first.</summary>
    internal sealed record BeginRecording(SharedRecords Records) : LoopMessage;

    /// <summary>Tell no more of the sessions of an address.</summary>
    internal sealed record EndRecording(System.UInt128 Address) : LoopMessage;

    /// <summary>Pass the sockets of quiet sessions on: there is a holder that has none of them.</summary>
    internal sealed record HoldSockets(Core.Runtime.IHeldSockets Holder) : LoopMessage;

    /// <summary>End all sessions of some addresses without a packet, from this slot on: they live elsewhere.</summary>
    internal sealed record AbandonSessions(AbandonOrder Order, int From) : LoopMessage;

    /// <summary>Ask both sides of sessions where they stand, from this slot on.</summary>
    internal sealed record AskSessions(CheckRound Round, int From) : LoopMessage;

    /// <summary>Reset those of these sessions with which another node has gone on.</summary>
    internal sealed record JudgeSessions(CheckRound Round, List<CheckedSession> Heard) : LoopMessage;

    /// <summary>Go on with another configuration.</summary>
    internal sealed record Adopt(LoopChange Change) : LoopMessage;

    /// <summary>Close the listeners; the loop ends with its last session.</summary>
    internal sealed record StopSoftly : LoopMessage;

    /// <summary>Close everything and end.</summary>
    internal sealed record StopNow : LoopMessage;
}
