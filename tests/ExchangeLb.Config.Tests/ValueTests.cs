using System;
using System.Net;
using ExchangeLb.Config.Keywords;
using ExchangeLb.Config.Lexing;
using ExchangeLb.Config.Values;
using Xunit;

namespace ExchangeLb.Config.Tests;

public sealed class ValueTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("5000", 5_000)]
    [InlineData("500us", 1)]
    [InlineData("1001us", 2)]
    [InlineData("7ms", 7)]
    [InlineData("10s", 10_000)]
    [InlineData("5m", 300_000)]
    [InlineData("1h", 3_600_000)]
    [InlineData("24d", 2_073_600_000)]
    [InlineData("2147483647", 2_147_483_647)]
    public void A_time_is_read_in_its_unit(string text, int milliseconds)
    {
        Assert.Equal(TimeTextError.None, TimeText.Parse(text, TimeUnit.Milliseconds, out TimeSpan value));

        Assert.Equal(milliseconds, value.TotalMilliseconds);
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("s", false)]
    [InlineData("-1s", false)]
    [InlineData("1.5s", false)]
    [InlineData("5S", false)]
    [InlineData("5 s", false)]
    [InlineData("25d", true)]
    [InlineData("2147483648", true)]
    [InlineData("99999999999999999999", true)]
    public void What_is_no_time_is_told_from_what_is_too_long(string text, bool tooLong) =>
        Assert.Equal(tooLong ? TimeTextError.TooLong : TimeTextError.NotATime, TimeText.Parse(text, TimeUnit.Milliseconds, out _));

    [Theory]
    [InlineData("20k", 20_480)]
    [InlineData("20K", 20_480)]
    [InlineData("1m", 1_048_576)]
    [InlineData("4294967295g", 4_611_686_017_353_646_080)]
    public void A_size_is_in_powers_of_1024(string text, long size)
    {
        Assert.True(SizeText.TryParse(text, out long value));

        Assert.Equal(size, value);
    }

    [Theory]
    [InlineData("10.1.2.3/8", "10.0.0.0/8")]
    [InlineData("10.1.2.3", "10.1.2.3/32")]
    [InlineData("10.1.2.3/255.255.0.0", "10.1.0.0/16")]
    [InlineData("2001:db8:1::1/33", "2001:db8::/33")]
    [InlineData("::/0", "::/0")]
    [InlineData("localhost/8", "127.0.0.0/8")]
    public void A_network_loses_its_host_bits(string text, string network) =>
        Assert.Equal(IPNetwork.Parse(network), NetworkText.Parse(text, Reading.Hermetic.Resolve));

    [Theory]
    [InlineData("10.0.0.0/33")]
    [InlineData("10.0.0.0/255.0.255.0")]
    [InlineData("::/129")]
    [InlineData("/8")]
    [InlineData("nosuch.example")]
    public void What_is_no_network_is_not_read(string text) => Assert.Null(NetworkText.Parse(text, Reading.Hermetic.Resolve));

    [Theory]
    [InlineData("balnce", "balance")]
    [InlineData("blaance", "balance")]
    [InlineData("redispach", "redispatch")]
    [InlineData("balancers", "balance")]
    [InlineData("bin", "bind")]
    [InlineData("binder", "bind")]
    [InlineData("redisp", null)]
    [InlineData("bi", null)]
    [InlineData("zzzzzz", null)]
    [InlineData("", null)]
    public void The_nearest_word_is_found_within_a_sane_distance(string word, string? nearest) =>
        Assert.Equal(nearest, NearestWord.Find(word, ["balance", "bind", "redispatch"]));

    [Theory]
    [InlineData("", "abc", 3)]
    [InlineData("abcd", "acbd", 1)]
    [InlineData("kitten", "sitting", 3)]
    public void The_distance_of_words_counts_a_swap_as_one(string left, string right, int distance) =>
        Assert.Equal(distance, NearestWord.Distance(left, right));

    [Theory]
    [InlineData("", 0, 0)]
    [InlineData("<n>", 1, 1)]
    [InlineData("[<method>] [<uri>]", 0, 2)]
    [InlineData("type ip size <n> [expire <time>] [nopurge]", 4, 7)]
    [InlineData("[<address>]:<port>[-<port>][,…] [<option>…]", 1, int.MaxValue)]
    [InlineData("<name> <criterion> [<value>…]", 2, int.MaxValue)]
    public void A_syntax_says_how_many_words_it_takes(string syntax, int min, int max) => Assert.Equal(new Arity(min, max), Arity.Of(syntax));

    [Theory]
    [InlineData("1", true)]
    [InlineData("0 || 1 && 0", false)]
    [InlineData("1 || 0 && 0", true)]
    [InlineData("!(0) && !0", true)]
    [InlineData("!!1", true)]
    [InlineData("", false)]
    [InlineData("defined(PORT)", true)]
    [InlineData("streq(a,a) && strneq(a,b)", true)]
    [InlineData("feature(OPENSSL)", false)]
    [InlineData("version_atleast(2.6-dev3)", true)]
    [InlineData("version_atleast(2.7)", false)]
    [InlineData("version_before(2.6.13)", true)]
    [InlineData("foo", null)]
    [InlineData("1 &&", null)]
    [InlineData("(1", null)]
    [InlineData("1 1", null)]
    [InlineData("streq(a)", null)]
    public void A_condition_has_the_precedence_that_haproxy_gives_it(string text, bool? result) =>
        Assert.Equal(result, ConditionExpression.Evaluate(text, new VariableScope(Reading.Hermetic.Environment), out _));
}
