using System.Linq;
using System.Text;
using ExchangeLb.Admin.Http;
using Xunit;

namespace ExchangeLb.Admin.Tests.Http;

public class HttpRequestParserTests
{
    [Fact]
    public void Request_line_and_headers_are_read()
    {
        HttpRequest request = Parse("HEAD  /;csv HTTP/1.1\r\nhost: a\r\nAUTHORIZATION: \t Basic eA== \r\nX: y\r\n\r\n").Request!;

        Assert.Equal(("HEAD", "/;csv", "Basic eA=="), (request.Method, request.Target, request.Authorization));
        Assert.Equal("HEAD /;csv HTTP/1.1", request.Line);
    }

    [Theory]
    [InlineData("HTTP/1.1", "", true)]
    [InlineData("HTTP/1.1", "Connection: Close\r\n", false)]
    [InlineData("HTTP/1.1", "Connection: foo, close\r\n", false)]
    [InlineData("HTTP/1.0", "", false)]
    [InlineData("HTTP/1.0", "Connection: keep-alive\r\n", true)]
    [InlineData("HTTP/0.9", "", false)]
    public void The_connection_is_kept_as_version_and_header_say(string version, string header, bool kept)
    {
        Assert.Equal(kept, Parse($"GET / {version}\r\n{header}\r\n").Request!.KeepAlive);
    }

    [Theory]
    [InlineData("Content-Length: 5\r\n", true)]
    [InlineData("Content-Length: 0\r\n", false)]
    [InlineData("Transfer-Encoding: chunked\r\n", true)]
    [InlineData("", false)]
    public void A_body_is_noticed(string header, bool hasBody)
    {
        Assert.Equal(hasBody, Parse($"GET / HTTP/1.1\r\n{header}\r\n").Request!.HasBody);
    }

    [Theory]
    [InlineData("GET /\r\n\r\n", 400)]
    [InlineData("garbage\r\n\r\n", 400)]
    [InlineData("G(T / HTTP/1.1\r\n\r\n", 400)]
    [InlineData("GET / HTTP/1.x\r\n\r\n", 400)]
    [InlineData("GET / HTTP/1.12\r\n\r\n", 400)]
    [InlineData("GET / / HTTP/1.1\r\n\r\n", 400)]
    [InlineData("GET / HTTP/2.0\r\n\r\n", 505)]
    [InlineData("PRI * HTTP/2.0\r\n\r\n", 505)]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400)]
    [InlineData("GET / HTTP/1.1\r\nA : b\r\n\r\n", 400)]
    [InlineData("GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n", 400)]
    [InlineData("GET / HTTP/1.1\r\nno colon\r\n\r\n", 400)]
    [InlineData("GET / HTTP/1.1\r\nA: b\rc\r\n\r\n", 400)]
    [InlineData("GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400)]
    [InlineData("GET / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n", 400)]
    public void What_is_no_request_is_refused(string text, int status)
    {
        (HttpRequest? request, int refusal) = Parse(text);

        Assert.Null(request);
        Assert.Equal(status, refusal);
    }

    [Theory]
    [InlineData(HttpLimits.Headers, 200)]
    [InlineData(HttpLimits.Headers + 1, 431)]
    public void The_number_of_headers_has_a_limit(int headers, int status)
    {
        string lines = string.Concat(Enumerable.Repeat("a: b\r\n", headers));

        Assert.Equal(status, Parse($"GET / HTTP/1.1\r\n{lines}\r\n").Status);
    }

    private static (HttpRequest? Request, int Status) Parse(string head)
    {
        HttpRequest? request = HttpRequestParser.Parse(Encoding.Latin1.GetBytes(head), out int status);
        return (request, status);
    }
}
