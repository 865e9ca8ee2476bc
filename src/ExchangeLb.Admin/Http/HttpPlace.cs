using System;
using System.Net;
using System.Threading;

namespace ExchangeLb.Admin.Http;

/// <summary>One connection's place among those that <see cref="HttpPlaces"/> allows. Members are set by it, under its lock.</summary>
internal sealed class HttpPlace(HttpPlaces owner, PlaceSource source, CancellationToken stop) : IDisposable
{
    private readonly CancellationTokenSource _ended = CancellationTokenSource.CreateLinkedTokenSource(stop);

    public PlaceSource Source => source;

    /// <summary>Fires when the connection has to make room for another, or all stop.</summary>
    public CancellationToken Ended => _ended.Token;

    /// <summary>A complete request has come, and its answer is not yet taken.</summary>
    public bool Answering { get; set; }

    /// <summary>Since when it has been waiting or answering, as a number that grows with each change of any place.</summary>
    public long Since { get; set; }

    /// <summary>From here on it waits for a request, or for the client to go.</summary>
    public void Wait() => owner.Change(this, answering: false);

    public void Answer() => owner.Change(this, answering: true);

    /// <summary>Never blocks: what waits for the end of the place goes on in the thread pool.</summary>
    public void Drop() => _ = _ended.CancelAsync();

    /// <summary>Gives the place back, once.</summary>
    public void Dispose()
    {
        owner.Leave(this);
        _ended.Dispose();
    }
}

/// <summary>Where connections come from: an IPv4 address, or the /64 in which one IPv6 host may take any address it likes.</summary>
internal sealed class PlaceSource(UInt128 network)
{
    public UInt128 Network => network;

    /// <summary>Places that it holds now.</summary>
    public int Held { get; set; }

    public static UInt128 NetworkOf(IPAddress address)
    {
        Span<byte> sixteen = stackalloc byte[16];
        address.MapToIPv6().TryWriteBytes(sixteen, out _);
        UInt128 whole = System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(sixteen);
        bool isIPv4 = whole >> 32 == 0xFFFF;
        return isIPv4 ? whole : whole >> 64 << 64;
    }
}
