using System;
using System.Globalization;

namespace ExchangeLb.Config.Values;

internal enum TimeUnit
{
    Milliseconds,
    Seconds,
}

internal enum TimeTextError
{
    None,
    NotATime,
    TooLong,
}

/// <summary>`10s`, `500us`, `5000` (configuration.txt, 2.5). HAProxy holds times as signed 32-bit milliseconds, and so do we.</summary>
internal static class TimeText
{
    private const long LongestMicroseconds = int.MaxValue * 1000L;

    public static TimeTextError Parse(string text, TimeUnit defaultUnit, out TimeSpan value)
    {
        value = default;
        int digits = text.AsSpan().IndexOfAnyExceptInRange('0', '9');
        digits = digits < 0 ? text.Length : digits;
        long unit = text[digits..] switch
        {
            "" => defaultUnit == TimeUnit.Seconds ? 1_000_000 : 1_000,
            "us" => 1,
            "ms" => 1_000,
            "s" => 1_000_000,
            "m" => 60_000_000,
            "h" => 3_600_000_000,
            "d" => 86_400_000_000,
            _ => 0,
        };
        if (unit == 0 || digits == 0)
        {
            return TimeTextError.NotATime;
        }
        if (!long.TryParse(text.AsSpan(0, digits), NumberStyles.None, CultureInfo.InvariantCulture, out long count)
            || count > LongestMicroseconds / unit)
        {
            return TimeTextError.TooLong;
        }
        // Parts of a millisecond count as a whole one, as in HAProxy.
        value = TimeSpan.FromMilliseconds(((count * unit) + 999) / 1000);
        return TimeTextError.None;
    }
}
