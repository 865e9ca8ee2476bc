using System.Globalization;

namespace ExchangeLb.DrillClient;

/// <summary>A moment that somebody else brought about: "fault", "healed".</summary>
internal readonly record struct Mark(string Name, long AtUs)
{
    internal static bool TryRead(string line, Timeline time, out Mark mark)
    {
        mark = default;
        if (line.Split(' ') is not ["mark", var name, var seconds] || !decimal.TryParse(seconds, NumberStyles.Number, CultureInfo.InvariantCulture, out decimal unix))
        {
            return false;
        }
        mark = new Mark(name, time.FromUnix(unix));
        return true;
    }
}
