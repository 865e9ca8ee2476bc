using System.Collections.Generic;
using System.Linq;
using System.Net;
using ExchangeLb.Admin.Http;
using ExchangeLb.Admin.Tests.Fakes;
using ExchangeLb.Core.Text;
using Xunit;

namespace ExchangeLb.Admin.Tests.Http;

public class HttpPlacesTests
{
    private readonly HttpPlaces _places = new(limit: 4);

    [Fact]
    public void Up_to_the_limit_nobody_has_to_go()
    {
        HttpPlace[] taken = Take("10.0.0.1", "10.0.0.1", "10.0.0.1", "10.0.0.2");

        Assert.DoesNotContain(taken, IsDropped);
    }

    [Fact]
    public void The_source_that_holds_most_gives_the_place_that_has_waited_longest()
    {
        HttpPlace[] taken = Take("10.0.0.1", "10.0.0.2", "10.0.0.2", "10.0.0.3", "10.0.0.4");

        Assert.Equal([1], Dropped(taken));
    }

    [Fact]
    public void Of_equal_sources_who_has_waited_longest_goes_and_a_wait_begins_anew_after_an_answer()
    {
        HttpPlace[] taken = Take("10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4");
        taken[0].Answer();
        taken[0].Wait();

        Take("10.0.0.5");

        Assert.Equal([1], Dropped(taken));
    }

    [Fact]
    public void Who_is_being_answered_stays_while_somebody_waits_even_of_a_larger_source()
    {
        HttpPlace[] taken = Take("10.0.0.2", "10.0.0.2", "10.0.0.2", "10.0.0.1");
        foreach (HttpPlace answered in taken.Take(3))
        {
            answered.Answer();
        }

        Take("10.0.0.3");

        Assert.Equal([3], Dropped(taken));
    }

    [Fact]
    public void Those_who_ask_and_do_not_read_do_not_keep_others_out()
    {
        HttpPlace[] taken = Take("10.0.0.1", "10.0.0.2", "10.0.0.2", "10.0.0.2");
        foreach (HttpPlace answered in taken)
        {
            answered.Answer();
        }

        Take("10.0.0.1");

        Assert.Equal([1], Dropped(taken));
    }

    [Fact]
    public void Addresses_of_one_IPv6_network_and_both_forms_of_an_IPv4_address_are_one_source()
    {
        HttpPlace[] network = Take("10.0.0.1", "2001:db8::1", "2001:db8::ffff:1", "10.0.0.2", "10.0.0.3");
        Assert.Equal([1], Dropped(network));

        foreach (HttpPlace place in network)
        {
            place.Dispose();
        }
        Assert.Equal([1], Dropped(Take("10.0.0.1", "10.0.0.2", "::ffff:10.0.0.2", "10.0.0.3", "10.0.0.4")));
    }

    [Fact]
    public void Who_has_left_counts_no_more()
    {
        HttpPlace[] taken = Take("10.0.0.1", "10.0.0.2", "10.0.0.2", "10.0.0.2");
        taken[2].Dispose();
        taken[3].Dispose();

        HttpPlace[] later = Take("10.0.0.3", "10.0.0.3", "10.0.0.4");

        Assert.Equal([0], Dropped(later));
        Assert.DoesNotContain(taken.Take(2), IsDropped);
        Assert.Equal(1, _places.DroppedTotal);
    }

    [Fact]
    public void That_the_limit_is_reached_is_said_at_once_and_then_once_in_a_while()
    {
        var time = new FakeTime();
        List<Diagnostic> told = [];
        var notice = new LimitNotice(time, told.Add);

        notice.Note(0);
        notice.Note(3);
        notice.Note(4);
        time.Advance(HttpLimits.NoticeInterval);
        notice.Note(10);

        Assert.Equal(2, told.Count);
        Assert.Contains("; 7 of them", told[1].Message, System.StringComparison.Ordinal);
    }

    private HttpPlace[] Take(params string[] clients) => [.. clients.Select(client => _places.Take(IPAddress.Parse(client), default))];

    private static bool IsDropped(HttpPlace place) => place.Ended.IsCancellationRequested;

    private static IEnumerable<int> Dropped(HttpPlace[] places) => Enumerable.Range(0, places.Length).Where(i => IsDropped(places[i]));
}
