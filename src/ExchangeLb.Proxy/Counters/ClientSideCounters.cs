namespace ExchangeLb.Proxy.Counters;

/// <summary>One loop's counters of a frontend or a listener. Written by that loop alone; others read them, a little late.</summary>
internal sealed class ClientSideCounters
{
    public long Connections;
    public long Sessions;
    public long BytesIn;
    public long BytesOut;
}
