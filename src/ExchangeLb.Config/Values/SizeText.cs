using System;
using System.Globalization;

namespace ExchangeLb.Config.Values;

/// <summary>`20k`: a count with an optional k, m or g for powers of 1,024 (HAProxy parse_size_err).</summary>
internal static class SizeText
{
    public static bool TryParse(string text, out long value)
    {
        int shift = text.Length == 0 ? 0 : char.ToLowerInvariant(text[^1]) switch
        {
            'k' => 10,
            'm' => 20,
            'g' => 30,
            _ => 0,
        };
        ReadOnlySpan<char> digits = shift == 0 ? text : text.AsSpan(0, text.Length - 1);
        value = 0;
        if (!uint.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out uint count))
        {
            return false;
        }
        value = (long)count << shift;
        return true;
    }
}
