using System;

namespace ExchangeLb.Core.Logging;

/// <summary>Date and time of day at an offset from UTC, as the log lines show it.</summary>
public readonly struct CivilTime
{
    private const long MicrosecondsPerSecond = 1_000_000;

    private readonly DateTime _local;
    private readonly int _offsetMinutes;

    /// <param name="unixMicroseconds">Since 1970-01-01 UTC.</param>
    /// <param name="utcOffsetSeconds">Of local time, east positive.</param>
    public CivilTime(long unixMicroseconds, int utcOffsetSeconds)
    {
        long local = unixMicroseconds + (utcOffsetSeconds * MicrosecondsPerSecond);
        _local = new DateTime(DateTime.UnixEpoch.Ticks + (local * TimeSpan.TicksPerMicrosecond));
        _offsetMinutes = utcOffsetSeconds / 60;
    }

    /// <summary>`Nov  2 12:40:39`: RFC 3164, 4.1.2.</summary>
    public void AddRfc3164(ref LineWriter line)
    {
        line.Add(MonthName());
        line.Add((byte)' ');
        if (_local.Day < 10)
        {
            line.Add((byte)' ');
        }
        line.Add((long)_local.Day);
        line.Add((byte)' ');
        AddTimeOfDay(ref line);
    }

    /// <summary>`2026-11-22T12:40:42.808752+00:00`: RFC 3339 with microseconds.</summary>
    public void AddIso(ref LineWriter line)
    {
        line.AddPadded(_local.Year, 4);
        line.Add((byte)'-');
        line.AddPadded(_local.Month, 2);
        line.Add((byte)'-');
        line.AddPadded(_local.Day, 2);
        line.Add((byte)'T');
        AddTimeOfDay(ref line);
        line.Add((byte)'.');
        line.AddPadded((int)(_local.Ticks % TimeSpan.TicksPerSecond / TimeSpan.TicksPerMicrosecond), 6);
        line.Add(_offsetMinutes < 0 ? (byte)'-' : (byte)'+');
        int minutes = Math.Abs(_offsetMinutes);
        line.AddPadded(minutes / 60, 2);
        line.Add((byte)':');
        line.AddPadded(minutes % 60, 2);
    }

    /// <summary>`22/Nov/2026:12:40:41.447`: HAProxy's accept date (configuration.txt, 8.2.2).</summary>
    public void AddAcceptDate(ref LineWriter line)
    {
        line.AddPadded(_local.Day, 2);
        line.Add((byte)'/');
        line.Add(MonthName());
        line.Add((byte)'/');
        line.AddPadded(_local.Year, 4);
        line.Add((byte)':');
        AddTimeOfDay(ref line);
        line.Add((byte)'.');
        line.AddPadded(_local.Millisecond, 3);
    }

    private void AddTimeOfDay(ref LineWriter line)
    {
        line.AddPadded(_local.Hour, 2);
        line.Add((byte)':');
        line.AddPadded(_local.Minute, 2);
        line.Add((byte)':');
        line.AddPadded(_local.Second, 2);
    }

    private ReadOnlySpan<byte> MonthName() => "JanFebMarAprMayJunJulAugSepOctNovDec"u8.Slice(3 * (_local.Month - 1), 3);
}
