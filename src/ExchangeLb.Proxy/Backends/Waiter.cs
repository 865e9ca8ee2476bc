using System.Collections.Generic;
using ExchangeLb.Proxy.Sessions;

namespace ExchangeLb.Proxy.Backends;

/// <summary>A session in line for a place. Guarded by the backend's selection lock, but for <see cref="Ticket"/>, which never changes.</summary>
internal sealed class Waiter(SessionTicket ticket, ServerState? server, long sequence)
{
    public SessionTicket Ticket { get; } = ticket;

    /// <summary>The server it waits for; null: any of the backend.</summary>
    public ServerState? Server { get; } = server;

    /// <summary>Order of arrival within the backend.</summary>
    public long Sequence { get; } = sequence;

    /// <summary>Its place in a line; null once taken out.</summary>
    public LinkedListNode<Waiter>? Node { get; set; }

    /// <summary>The server that granted it a place, which it must use or give back.</summary>
    public ServerState? Granted { get; set; }
}
