using System.Text;
using ExchangeLb.Core.Health;
using ExchangeLb.Core.Model;
using Xunit;

namespace ExchangeLb.Core.Tests.Health;

public sealed class HttpCheckRequestTests
{
    /// <summary>Recorded from HAProxy 2.6.12.</summary>
    [Theory]
    [InlineData("OPTIONS", "/", "HTTP/1.0", "OPTIONS / HTTP/1.0\r\n\r\n")]
    [InlineData("GET", "/", "HTTP/1.1", "GET / HTTP/1.1\r\nconnection: close\r\n\r\n")]
    [InlineData(
        "HEAD", "/owa/healthcheck.htm", "HTTP/1.1\r\nHost: mail.x.org",
        "HEAD /owa/healthcheck.htm HTTP/1.1\r\nhost: mail.x.org\r\nconnection: close\r\n\r\n")]
    [InlineData(
        "OPTIONS", "*", "HTTP/1.0\r\nUser-Agent: hap\r\nHost: y",
        "OPTIONS * HTTP/1.0\r\nuser-agent: hap\r\nhost: y\r\n\r\n")]
    [InlineData(
        "GET", "/a", "HTTP/1.1\r\nConnection: keep-alive\r\nContent-Length: 0",
        "GET /a HTTP/1.1\r\ncontent-length: 0\r\n\r\n")]
    [InlineData(
        "POST", "/a", "HTTP/1.1\r\nHost: q\r\n\r\nbody",
        "POST /a HTTP/1.1\r\nhost: q\r\ncontent-length: 4\r\nconnection: close\r\n\r\nbody")]
    public void The_request_is_the_one_that_haproxy_sends(string method, string uri, string version, string request)
    {
        byte[] sent = HttpCheckRequest.Create(new HttpCheckModel(method, uri, version));

        Assert.Equal(request, Encoding.Latin1.GetString(sent));
    }
}
