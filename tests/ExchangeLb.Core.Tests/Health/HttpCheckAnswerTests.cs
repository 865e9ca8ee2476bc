using System;
using System.Text;
using ExchangeLb.Core.Health;
using ExchangeLb.Core.Runtime;
using FsCheck.Xunit;
using Xunit;

namespace ExchangeLb.Core.Tests.Health;

public sealed class HttpCheckAnswerTests
{
    /// <summary>What HAProxy 2.6.12 thought of these answers, each followed by the end of the connection.</summary>
    [Theory]
    [InlineData("HTTP/1.1 200\r\n\r\n", CheckResult.HttpOk, 200, "")]
    [InlineData("HTTP/1.1 200 \r\n\r\n", CheckResult.HttpOk, 200, "")]
    [InlineData("HTTP/1.1 304 Not Modified\r\n\r\n", CheckResult.HttpOk, 304, "")]
    [InlineData("HTTP/2.0 200 OK\r\n\r\n", CheckResult.HttpOk, 200, "")]
    [InlineData("HTTP/1.1  200 OK\r\n\r\n", CheckResult.HttpOk, 200, "")]
    [InlineData("HTTP/1.1\t200 OK\r\n\r\n", CheckResult.HttpOk, 200, "")]
    [InlineData("HTTP/1.1 200 OK\n\n", CheckResult.HttpOk, 200, "")]
    [InlineData("\r\nHTTP/1.1 200 OK\r\n\r\n", CheckResult.HttpOk, 200, "")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc", CheckResult.HttpOk, 200, "")]
    [InlineData("HTTP/1.1 503 Service Unavailable\r\n\r\n", CheckResult.HttpBadStatus, 503, "Service Unavailable")]
    [InlineData("HTTP/1.1 503\r\n\r\n", CheckResult.HttpBadStatus, 503, "")]
    [InlineData("HTTP/1.1 099 x\r\n\r\n", CheckResult.HttpBadStatus, 99, "x")]
    [InlineData("HTTP/1.1 20 OK\r\n\r\n", CheckResult.HttpBadStatus, 20, "OK")]
    [InlineData("HTTP/1.1 2000 OK\r\n\r\n", CheckResult.HttpBadStatus, 2000, "OK")]
    [InlineData("HTTP/1.1 600 x\r\n\r\n", CheckResult.HttpBadStatus, 600, "x")]
    [InlineData("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", CheckResult.HttpBadStatus, 100, "Continue")]
    [InlineData("HTTP/1.1 200 OK", CheckResult.HttpBadResponse, 0, "")]
    [InlineData("HTTP/1.1 200 OK\r\n", CheckResult.HttpBadResponse, 0, "")]
    [InlineData("HTTP/1.1 200 OK\r\nbad header\r\n\r\n", CheckResult.HttpBadResponse, 0, "")]
    [InlineData("HTTP/1.12 200 OK\r\n\r\n", CheckResult.HttpBadResponse, 0, "")]
    [InlineData("HTTP/1.1 200OK\r\n\r\n", CheckResult.HttpBadResponse, 0, "")]
    [InlineData("http/1.1 200 OK\r\n\r\n", CheckResult.HttpBadResponse, 0, "")]
    [InlineData("ICY 200 OK\r\n\r\n", CheckResult.HttpBadResponse, 0, "")]
    [InlineData("SSH-2.0-OpenSSH\r\n", CheckResult.HttpBadResponse, 0, "")]
    [InlineData("", CheckResult.HttpBadResponse, 0, "")]
    public void Answers_are_judged_as_haproxy_judges_them(string text, CheckResult result, int code, string info)
    {
        HttpCheckAnswer answer = default;

        if (!answer.Feed(Encoding.Latin1.GetBytes(text)))
        {
            answer.End();
        }

        Assert.Equal((result, code, info), (answer.Result, answer.Code, answer.Info));
    }

    [Fact]
    public void A_reason_is_cut_and_shown_in_printable_ascii()
    {
        HttpCheckAnswer answer = default;

        answer.Feed(Encoding.Latin1.GetBytes($"HTTP/1.1 503 a\u0007b\u00e4{new string('x', 400)}\r\n\r\n"));

        Assert.Equal($"a?b?{new string('x', 123)}", answer.Info);
    }

    [Fact]
    public void A_head_without_end_is_given_up()
    {
        HttpCheckAnswer answer = default;
        byte[] line = "X: y\r\n"u8.ToArray();

        bool judged = answer.Feed("HTTP/1.1 200 OK\r\n"u8);
        int lines = 0;
        for (; !judged; lines++)
        {
            judged = answer.Feed(line);
        }

        Assert.Equal(CheckResult.HttpBadResponse, answer.Result);
        Assert.InRange(lines * line.Length, HttpCheckAnswer.LimitBytes - 100, HttpCheckAnswer.LimitBytes);
    }

    [Property]
    public bool Pieces_are_judged_like_the_whole_and_nothing_breaks_the_reader(byte[] noise, byte at)
    {
        byte[] text = Encoding.Latin1.GetBytes("HTTP/1.1 404 Not Found\r\nA: b\r\n c\r\n\r\n");
        foreach (byte b in noise.AsSpan(0, Math.Min(noise.Length, 2)))
        {
            text[(at + b) % text.Length] = b;
        }
        HttpCheckAnswer whole = default;
        HttpCheckAnswer pieces = default;
        bool wholeDone = whole.Feed(text);
        bool piecesDone = false;
        for (int i = 0; i < text.Length && !piecesDone; i++)
        {
            piecesDone = pieces.Feed(text.AsSpan(i, 1));
        }
        return wholeDone == piecesDone && whole.Result == pieces.Result && whole.Code == pieces.Code && whole.Info == pieces.Info;
    }

    [Property]
    public bool Random_bytes_never_pass(byte[] bytes)
    {
        HttpCheckAnswer answer = default;
        if (!answer.Feed(bytes))
        {
            answer.End();
        }
        return answer.Result == CheckResult.HttpBadResponse;
    }
}
