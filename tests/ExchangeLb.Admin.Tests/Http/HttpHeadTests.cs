using System;
using System.Text;
using ExchangeLb.Admin.Http;
using FsCheck.Xunit;
using Xunit;

namespace ExchangeLb.Admin.Tests.Http;

public class HttpHeadTests
{
    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\n\r\n", 0, 27)]
    [InlineData("GET / HTTP/1.1\nHost: a\n\nGET", 0, 24)]
    [InlineData("\r\n\nGET / HTTP/1.0\r\n\r\n", 3, 21)]
    public void A_head_ends_at_its_empty_line(string text, int start, int end)
    {
        var head = new HttpHead();

        HeadState state = head.Look(Encoding.ASCII.GetBytes(text));

        Assert.Equal((HeadState.Complete, start, end), (state, head.Start, head.End));
    }

    [Theory]
    [InlineData("\x16\x03\x01\x02\x00")]
    [InlineData("GET /\0")]
    [InlineData("GET /\x80")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public void What_is_no_request_is_seen_without_waiting_for_its_end(string text)
    {
        var head = new HttpHead();

        HeadState state = head.Look(Encoding.Latin1.GetBytes(text));

        Assert.Equal(HeadState.Malformed, state);
    }

    [Fact]
    public void A_request_line_has_a_limit()
    {
        var head = new HttpHead();

        HeadState state = head.Look(Encoding.ASCII.GetBytes("GET /" + new string('a', HttpLimits.RequestLineBytes)));

        Assert.Equal(HeadState.LineTooLong, state);
    }

    [Fact]
    public void A_head_has_a_limit()
    {
        var head = new HttpHead();

        HeadState state = head.Look(Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nA: " + new string('a', HttpLimits.HeadBytes)));

        Assert.Equal(HeadState.TooLarge, state);
    }

    [Property(MaxTest = 500)]
    public void Bytes_in_pieces_give_what_the_same_bytes_give_at_once(byte[] noise, byte cut, byte place)
    {
        byte[] bytes = Requests.Mutate(noise, place);
        var whole = new HttpHead();
        HeadState expected = whole.Look(bytes);

        var pieces = new HttpHead();
        HeadState state = HeadState.Incomplete;
        for (int length = 0; state == HeadState.Incomplete && length < bytes.Length; length += 1 + (cut % 7))
        {
            state = pieces.Look(bytes.AsSpan(0, length));
        }
        if (state == HeadState.Incomplete)
        {
            state = pieces.Look(bytes);
        }

        Assert.Equal((expected, whole.Start, whole.End), (state, pieces.Start, pieces.End));
    }

    [Property(MaxTest = 500)]
    public void A_complete_head_lies_within_what_was_received_and_can_be_parsed_or_refused(byte[] noise, byte place)
    {
        byte[] bytes = Requests.Mutate(noise, place);
        var head = new HttpHead();

        if (head.Look(bytes) == HeadState.Complete)
        {
            Assert.InRange(head.End, head.Start + 1, bytes.Length);
            HttpRequest? request = HttpRequestParser.Parse(bytes.AsSpan(head.Start, head.End - head.Start), out int status);
            Assert.Contains(status, request is null ? [400, 431, 505] : new[] { 200 });
        }
    }
}
