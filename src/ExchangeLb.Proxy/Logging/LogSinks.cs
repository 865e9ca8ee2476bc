using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Proxy.Logging;

/// <summary>
/// All log targets of a configuration as one thread writes to them: each distinct target once, however many proxies name it. Owner: that
/// thread; <see cref="DroppedTotal"/> may be read by others.
/// </summary>
internal sealed class LogSinks(int pid) : IDisposable
{
    /// <summary>How long a read time zone is believed; it changes twice a year.</summary>
    private const long ZoneLifeMs = 10_000;
    private readonly Dictionary<Key, LogSink> _sinks = [];
    private GlobalModel _global = new();
    private HashSet<Key> _wanted = [];
    private volatile LogSink[] _all = [];
    private long _droppedByClosed;
    private long _zoneReadUnixMs;
    private int _utcOffsetSeconds;

    /// <summary>Of local time, east positive.</summary>
    public int UtcOffsetSeconds(long unixMs)
    {
        if (Math.Abs(unixMs - _zoneReadUnixMs) > ZoneLifeMs)
        {
            _zoneReadUnixMs = unixMs;
            var now = DateTimeOffset.FromUnixTimeMilliseconds(unixMs);
            _utcOffsetSeconds = (int)TimeZoneInfo.Local.GetUtcOffset(now).TotalSeconds;
        }
        return _utcOffsetSeconds;
    }

    public long DroppedTotal => System.Threading.Volatile.Read(ref _droppedByClosed) + _all.Sum(sink => sink.DroppedTotal);

    /// <summary>
    /// Begins with another configuration. Targets that it does not name stay open until the one after it: sessions that began before
    /// still write to theirs. What one that outlives two reloads writes to a target that went meanwhile is lost.
    /// </summary>
    /// <param name="targets">All that the configuration names.</param>
    public void Adopt(GlobalModel global, IEnumerable<LogTargetModel> targets)
    {
        _global = global;
        HashSet<Key> wanted = [.. targets.Select(KeyOf)];
        foreach ((Key key, LogSink sink) in _sinks.ToArray())
        {
            if (!wanted.Contains(key) && !_wanted.Contains(key))
            {
                _sinks.Remove(key);
                _droppedByClosed += sink.DroppedTotal;
                sink.Dispose();
            }
        }
        _wanted = wanted;
        _all = [.. _sinks.Values];
    }

    public LogSink[] For(ImmutableArray<LogTargetModel> targets)
    {
        var sinks = new LogSink[targets.Length];
        for (int i = 0; i < targets.Length; i++)
        {
            Key key = KeyOf(targets[i]);
            if (!_sinks.TryGetValue(key, out LogSink? sink))
            {
                sink = new LogSink(key.Target, _global, pid);
                _sinks.Add(key, sink);
                _all = [.. _sinks.Values];
            }
            sinks[i] = sink;
        }
        return sinks;
    }

    public void Flush()
    {
        foreach (LogSink sink in _all)
        {
            sink.Flush();
        }
    }

    public void Dispose()
    {
        foreach (LogSink sink in _all)
        {
            sink.Dispose();
        }
    }

    private Key KeyOf(LogTargetModel target) => new(target with { Place = default }, _global.LogTag, _global.LogHostname);

    /// <summary>What a line looks like depends on these of the global section too.</summary>
    private readonly record struct Key(LogTargetModel Target, string Tag, string? Hostname);
}
