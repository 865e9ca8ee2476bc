using System;
using System.Collections.Generic;
using System.Net;
using System.Threading;

namespace ExchangeLb.Admin.Http;

/// <summary>
/// Says who may be connected to the stats pages when more want to than the limit allows. Connections cost a client nothing, a password
/// is asked for only later: so nobody may keep a place by silence. A new connection takes the place of one that waits for a complete
/// request head: of one from the source that holds most places, there of the one that has waited longest. Only where all are being
/// answered does it take the place of an answer, by the same order: a client that asks and does not read is silent too.
/// </summary>
/// <remarks>Any thread may call; a full house costs one look at each place.</remarks>
/// <param name="limit">Places, 1 and up.</param>
internal sealed class HttpPlaces(int limit)
{
    private readonly Lock _lock = new();
    private readonly HashSet<HttpPlace> _places = [];
    private readonly Dictionary<UInt128, PlaceSource> _sources = [];
    private long _changes;
    private long _droppedTotal;

    /// <summary>Connections that had to make room.</summary>
    public long DroppedTotal => Volatile.Read(ref _droppedTotal);

    /// <summary>A place for a new connection, which waits for its first request. Whoever had to make room has been told.</summary>
    public HttpPlace Take(IPAddress client, CancellationToken stop)
    {
        lock (_lock)
        {
            if (_places.Count >= limit)
            {
                HttpPlace first = FindFirstToGo();
                Remove(first);
                _droppedTotal++;
                first.Drop();   // within the lock, so that it has not been disposed
            }
            PlaceSource source = SourceOf(client);
            source.Held++;
            var place = new HttpPlace(this, source, stop) { Since = ++_changes };
            _places.Add(place);
            return place;
        }
    }

    /// <summary>What a place is used for changes.</summary>
    public void Change(HttpPlace place, bool answering)
    {
        lock (_lock)
        {
            place.Answering = answering;
            place.Since = ++_changes;
        }
    }

    /// <summary>Nothing, when it was dropped before.</summary>
    public void Leave(HttpPlace place)
    {
        lock (_lock)
        {
            Remove(place);
        }
    }

    /// <summary>Who has to make room first.</summary>
    private HttpPlace FindFirstToGo()
    {
        HttpPlace? first = null;
        foreach (HttpPlace place in _places)
        {
            if (first is null || GoesBefore(place, first))
            {
                first = place;
            }
        }
        return first!;
    }

    private static bool GoesBefore(HttpPlace one, HttpPlace other)
    {
        if (one.Answering != other.Answering)
        {
            return other.Answering;
        }
        int held = one.Source.Held.CompareTo(other.Source.Held);
        return held > 0 || (held == 0 && one.Since < other.Since);
    }

    private void Remove(HttpPlace place)
    {
        if (_places.Remove(place) && --place.Source.Held == 0)
        {
            _sources.Remove(place.Source.Network);
        }
    }

    private PlaceSource SourceOf(IPAddress client)
    {
        UInt128 network = PlaceSource.NetworkOf(client);
        if (!_sources.TryGetValue(network, out PlaceSource? source))
        {
            source = new PlaceSource(network);
            _sources.Add(network, source);
        }
        return source;
    }
}
