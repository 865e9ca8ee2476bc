using System;
using ExchangeLb.Admin.Page;
using Xunit;

namespace ExchangeLb.Admin.Tests.Page;

public class WordsTests
{
    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(999, "999 B")]
    [InlineData(1000, "1.00 kB")]
    [InlineData(12_345, "12.3 kB")]
    [InlineData(999_499, "999 kB")]
    [InlineData(999_500, "1.00 MB")]
    [InlineData(7_654_321_098_765, "7.65 TB")]
    [InlineData(long.MaxValue, "9.22 EB")]
    public void Bytes_have_three_digits(long bytes, string words)
    {
        Assert.Equal(words, Words.Bytes(bytes).Replace('\u00A0', ' '));
    }

    [Theory]
    [InlineData("-00:00:05", "0 s")]
    [InlineData("00:00:59.9", "59 s")]
    [InlineData("00:05:00", "5 min")]
    [InlineData("00:05:03", "5 min 3 s")]
    [InlineData("02:05:00", "2 h 5 min")]
    [InlineData("1234.02:05:00", "1,234 d 2 h")]
    public void Durations_have_two_units(string time, string words)
    {
        Assert.Equal(words, Words.Duration(TimeSpan.Parse(time, System.Globalization.CultureInfo.InvariantCulture)).Replace('\u00A0', ' '));
    }

    [Theory]
    [InlineData(0, "0 ms")]
    [InlineData(999, "999 ms")]
    [InlineData(1500, "1.5 s")]
    [InlineData(10000, "10 s")]
    public void Milliseconds_become_seconds(int milliseconds, string words)
    {
        Assert.Equal(words, Words.Milliseconds(milliseconds).Replace('\u00A0', ' '));
    }
}
