using ExchangeLb.Proxy.Loops;

namespace ExchangeLb.Proxy.Sessions;

/// <summary>Names a session of a loop to other threads. Stale once the slot's generation has moved on.</summary>
internal readonly record struct SessionTicket(EventLoop Loop, int Index, uint Generation);
