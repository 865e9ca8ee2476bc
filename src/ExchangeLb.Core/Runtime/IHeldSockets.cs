using System;

namespace ExchangeLb.Core.Runtime;

/// <summary>
/// Another process holds duplicates of quiet sessions' sockets, so that the kernel sends neither FIN nor RST when this process dies: what holds them
/// closes them without a packet then, and whoever has the records goes on. Called on loops' threads, by several at once; must neither wait nor throw.
/// </summary>
public interface IHeldSockets
{
    /// <summary>There is a holder that knows of nothing yet: what is quiet is to be passed (again). On any thread.</summary>
    event Action? Renewed;

    /// <summary>Duplicates of both sockets go to the holder, in place of any that it has of this session. The descriptors stay the caller's.</summary>
    /// <param name="session">Never used for two sessions of one process.</param>
    HoldAnswer Hold(ulong session, int client, int server);

    /// <summary>
    /// The holder closes what it has of this session, with 63 others or after <see cref="SendDrops"/>. A connection whose sockets others may have open is to be ended before, by more than
    /// close(2), which sends nothing then.
    /// </summary>
    void Drop(ulong session);

    /// <summary>Sessions that were dropped are named to the holder now, as far as they have not been. Many go by themselves; a message for each would wake it each time.</summary>
    void SendDrops();
}

/// <summary>What became of duplicates.</summary>
public enum HoldAnswer
{
    /// <summary>On their way to the holder. It may have no room for them; nobody is told.</summary>
    Passed,

    /// <summary>Not now: to be tried again a little later.</summary>
    Busy,

    /// <summary>There is no holder: see <see cref="IHeldSockets.Renewed"/>.</summary>
    Nobody,
}
