using System;
using System.Net;
using ExchangeLb.Linux.Nftables;

namespace ExchangeLb.Cluster.Kernel;

/// <summary>
/// Keeps this host's kernel from ending connections whose sockets are still being made: what it answers to a segment of a connection that it does not know, a
/// reset without an acknowledgement (RFC 9293, 3.10.7.1), does not leave for a moment, and the other side says again what it said. Resets of sockets, and the
/// refusal of a new connection, have both flags and pass. The rule is the fence's. Owner: one thread.
/// </summary>
public sealed class SilencedResets : IDisposable
{
    /// <summary>Should nobody end it: a connection that nobody knows is not left waiting for longer.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromSeconds(5);

    private const long ToBeDeletedMs = 10_000;

    private readonly ElementTransactions _elements;
    private readonly ElementBatch _batch = new();

    private SilencedResets(ElementTransactions elements) => _elements = elements;

    /// <summary>Null: this host can't.</summary>
    public static SilencedResets? TryOpen() => ElementTransactions.TryOpen(out _) is { } elements ? new SilencedResets(elements) : null;

    /// <summary>For <see cref="Life"/> from now on. False: there is no fence, or the kernel refused.</summary>
    public bool Begin(IPAddress vip)
    {
        Clear(vip);
        return _elements.Run(_batch.Add(SetOf(vip), vip.GetAddressBytes(), (long)Life.TotalMilliseconds)).Ok;
    }

    public bool End(IPAddress vip)
    {
        Clear(vip);
        return _elements.Run(_batch).Ok;
    }

    public void Dispose() => _elements.Dispose();

    /// <summary>What is to be deleted must be there.</summary>
    private void Clear(IPAddress vip) => _batch.Begin().Add(SetOf(vip), vip.GetAddressBytes(), ToBeDeletedMs).Delete(SetOf(vip), vip.GetAddressBytes());

    private static NftSet SetOf(IPAddress vip) =>
        new(NftFamily.Inet, FenceRules.Table, vip.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? "mute4" : "mute6");
}
