namespace ExchangeLb.Proxy.Loops;

/// <summary>What a descriptor in a loop's epoll set belongs to.</summary>
internal enum EventKind
{
    WakeUp,
    Listener,
    Client,

    /// <summary>The server's side of a session, at its n-th attempt modulo 8: an event of an attempt that failed is told from one of the next.</summary>
    Server = 8,
}

/// <summary>
/// The 64 bits that come back with each event: kind, slot, and the slot's generation, by which an event is recognised that was
/// fetched in one batch with the one that ended its session.
/// </summary>
internal readonly struct EventKey
{
    private const int GenerationShift = 32;
    private const int KindShift = 60;
    internal const uint GenerationMask = 0x0FFF_FFFF;

    public EventKey(EventKind kind, uint generation, int index) =>
        Value = ((ulong)kind << KindShift) | ((ulong)(generation & GenerationMask) << GenerationShift) | (uint)index;

    public EventKey(ulong value) => Value = value;

    /// <summary>The key of a session's server side at the given attempt.</summary>
    public static EventKey ForServer(uint generation, int index, int attempt) =>
        new((EventKind)((int)EventKind.Server | (attempt & 7)), generation, index);

    public ulong Value { get; }

    public EventKind Kind => (Value >> 63) != 0 ? EventKind.Server : (EventKind)(Value >> KindShift);

    /// <summary>Of a server side: the attempt, modulo 8.</summary>
    public int Attempt => (int)(Value >> KindShift) & 7;

    public uint Generation => (uint)(Value >> GenerationShift) & GenerationMask;

    public int Index => (int)Value;
}
