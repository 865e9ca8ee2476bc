using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Proxy.Logging;

/// <summary>
/// All log targets of a configuration as one thread writes to them: each distinct target once, however many proxies name it.
/// Owner: that thread.
/// </summary>
internal sealed class LogSinks(GlobalModel global, int pid) : IDisposable
{
    /// <summary>How long a read time zone is believed; it changes twice a year.</summary>
    private const long ZoneLifeMs = 10_000;
    private readonly Dictionary<LogTargetModel, LogSink> _sinks = [];
    private long _zoneReadUnixMs;
    private int _utcOffsetSeconds;

    public LogSink[] For(ImmutableArray<LogTargetModel> targets)
    {
        var sinks = new LogSink[targets.Length];
        for (int i = 0; i < targets.Length; i++)
        {
            LogTargetModel key = targets[i] with { Place = default };
            if (!_sinks.TryGetValue(key, out LogSink? sink))
            {
                sink = new LogSink(key, global, pid);
                _sinks.Add(key, sink);
            }
            sinks[i] = sink;
        }
        return sinks;
    }

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

    public void Flush()
    {
        foreach (LogSink sink in _sinks.Values)
        {
            sink.Flush();
        }
    }

    public long DroppedTotal
    {
        get
        {
            long total = 0;
            foreach (LogSink sink in _sinks.Values)
            {
                total += sink.DroppedTotal;
            }
            return total;
        }
    }

    public void Dispose()
    {
        foreach (LogSink sink in _sinks.Values)
        {
            sink.Dispose();
        }
    }
}
