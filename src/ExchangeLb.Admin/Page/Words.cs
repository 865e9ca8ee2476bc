using System;
using System.Globalization;

namespace ExchangeLb.Admin.Page;

/// <summary>Numbers, sizes and times as people read them.</summary>
internal static class Words
{
    /// <summary>Between a number and its unit: no line breaks there.</summary>
    private const char Space = '\u00A0';

    private static readonly string[] ByteUnits = ["B", "kB", "MB", "GB", "TB", "PB", "EB"];

    /// <summary>12,345.</summary>
    public static string Count(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>"1 server", "2 servers".</summary>
    public static string Count(long number, string noun) => number == 1 ? $"1 {noun}" : $"{Count(number)} {noun}s";

    /// <summary>Three digits and a decimal unit: "1.23 GB".</summary>
    public static string Bytes(long bytes)
    {
        double value = bytes;
        int unit = 0;
        while (value >= 999.5 && unit < ByteUnits.Length - 1)
        {
            value /= 1000;
            unit++;
        }
        string format = unit == 0 || value >= 99.95 ? "0" : value >= 9.995 ? "0.0" : "0.00";
        return value.ToString(format, CultureInfo.InvariantCulture) + Space + ByteUnits[unit];
    }

    /// <summary>The two largest units: "3 d 4 h", "5 min 3 s", "42 s".</summary>
    public static string Duration(TimeSpan time)
    {
        if (time < TimeSpan.Zero)
        {
            time = TimeSpan.Zero;
        }
        return time switch
        {
            { TotalMinutes: < 1 } => $"{time.Seconds}{Space}s",
            { TotalHours: < 1 } => Two(time.Minutes, "min", time.Seconds, "s"),
            { TotalDays: < 1 } => Two(time.Hours, "h", time.Minutes, "min"),
            _ => Two((long)time.TotalDays, "d", time.Hours, "h"),
        };
    }

    /// <summary>"3 ms", "1.5 s".</summary>
    public static string Milliseconds(int milliseconds) => milliseconds < 1000
        ? $"{milliseconds}{Space}ms"
        : (milliseconds / 1000.0).ToString("0.#", CultureInfo.InvariantCulture) + Space + "s";

    private static string Two(long large, string largeUnit, long small, string smallUnit) =>
        small == 0 ? $"{Count(large)}{Space}{largeUnit}" : $"{Count(large)}{Space}{largeUnit} {small}{Space}{smallUnit}";
}
