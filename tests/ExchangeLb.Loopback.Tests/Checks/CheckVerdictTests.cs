using System.Text.RegularExpressions;
using ExchangeLb.Core.Runtime;
using ExchangeLb.Loopback.Tests.Balancers;
using ExchangeLb.Loopback.Tests.Fakes;
using Xunit;

namespace ExchangeLb.Loopback.Tests.Checks;

/// <summary>What checks make of what servers do, and the lines that tell of it, as HAProxy words them.</summary>
public sealed partial class CheckVerdictTests
{
    [Theory, Balancers]
    public void A_server_that_refuses(Which which) =>
        AssertDown(which, Addresses.FreshEndPoint().ToString(), "", "Layer4 connection problem, info: \"Connection refused");

    [Theory, Balancers]
    public void A_server_that_does_not_answer_the_connection(Which which)
    {
        using var full = new FullBacklog();
        AssertDown(which, full.EndPoint.ToString(), "", "Layer4 timeout");
    }

    [Theory, Balancers]
    public void A_TLS_server_that_closes(Which which) => AssertDown(which, "", "option ssl-hello-chk", "Layer6 invalid response");

    [Theory, Balancers]
    public void A_TLS_server_that_says_something_else(Which which) =>
        AssertDown(which, "HTTP/1.0 400 Bad Request\r\n\r\n", "option ssl-hello-chk", "Layer6 invalid response");

    [Theory, Balancers]
    public void A_TLS_server_that_is_mute(Which which)
    {
        using var mute = new ScriptedServer(peer => peer.ReadToAnyEnd());
        AssertDown(which, mute.EndPoint.ToString(), "option ssl-hello-chk", "Layer6 timeout");
    }

    [Theory, Balancers]
    public void An_HTTP_server_that_says_404(Which which) =>
        AssertDown(which, "HTTP/1.0 404 Not Found\r\n\r\n", "option httpchk", "Layer7 wrong status, code: 404, info: \"Not Found\"");

    [Theory, Balancers]
    public void An_HTTP_server_that_does_not_speak_HTTP(Which which) =>
        AssertDown(which, "220 mail ESMTP\r\n\r\n", "option httpchk", "Layer7 invalid response");

    [Theory, Balancers]
    public void An_HTTP_server_that_closes(Which which) => AssertDown(which, "", "option httpchk", "Layer7 invalid response");

    [Theory]
    [InlineData("\u0015\u0003\u0001\u0000\u0002\u0002\u0028", CheckResult.TlsOk)]
    [InlineData("\u0016\u0003\u0003\u0000\u0010", CheckResult.TlsOk)]
    public void An_alert_and_a_handshake_prove_a_TLS_server(string answer, CheckResult expected)
    {
        using var server = new CheckedServer(answer);
        using Site site = Start("option ssl-hello-chk", server.EndPoint.ToString());
        Until.True(() => site.Server("web", "s1").Check!.Result != CheckResult.Initial, "a check ends");
        Assert.Equal((expected, ServerHealth.Up), (site.Server("web", "s1").Check!.Result, site.Server("web", "s1").Health));
    }

    [Theory]
    [InlineData("-tls1_2")]
    [InlineData("-tls1_3")]
    public void A_real_TLS_server_passes(string version)
    {
        using var server = new OpensslServer(version);
        using Site site = Start("option ssl-hello-chk", server.EndPoint.ToString());
        Until.True(() => site.Server("web", "s1").Check!.Result == CheckResult.TlsOk, "the check passes");
    }

    [Fact]
    public void A_redirect_passes()
    {
        using var server = new CheckedServer("HTTP/1.1 302 Found\r\nLocation: /owa\r\n\r\n");
        using Site site = Start("option httpchk GET /owa/healthcheck.htm", server.EndPoint.ToString());
        Until.True(() => site.Server("web", "s1").Check!.Result == CheckResult.HttpOk, "the check passes");
        Assert.Equal(302, site.Server("web", "s1").Check!.Code);
    }

    [Fact]
    public void A_check_of_a_connection_alone_passes()
    {
        using var server = ScriptedServer.Greeting("hello");
        using Site site = Start("", server.EndPoint.ToString());
        Until.True(() => site.Server("web", "s1").Check!.Result == CheckResult.ConnectOk, "the check passes");
    }

    private static IBalancer StartEither(Which which, string option, string server, bool mute) => Balancer.Start(which, Sections(option, server, mute));

    private static Site Start(string option, string server) => Site.Start(Sections(option, server));

    private static string Sections(string option, string server, bool mute = false) => $"""
        listen web
            bind FRONT
            {option}
            timeout check {(mute ? "300ms" : "20s")}
            server s1 {server} check inter 400ms rise 1 fall 1
        """;

    /// <param name="answer">What the server answers; or where another server is that is to be checked.</param>
    private static void AssertDown(Which which, string answer, string option, string reason)
    {
        if (System.Net.IPEndPoint.TryParse(answer, out _))
        {
            AssertDownAt(which, answer, option, reason);
            return;
        }
        using var server = new CheckedServer(answer);
        AssertDownAt(which, server.EndPoint.ToString(), option, reason);
    }

    private static void AssertDownAt(Which which, string server, string option, string reason)
    {
        using IBalancer balancer = StartEither(which, option, server, mute: reason.EndsWith("timeout", System.StringComparison.Ordinal));
        string line = balancer.Log.LineWith("is DOWN");
        string text = Told().Match(line).Value;
        Assert.StartsWith($"Server web/s1 is DOWN, reason: {reason}", text);
        Assert.EndsWith("0 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.", text);
        Assert.Contains(", check duration: ", text);
        Assert.StartsWith("<129>", line);
        Assert.StartsWith("<128>", balancer.Log.LineWith("has no server available!"));
    }

    [GeneratedRegex("Server web/.*")]
    private static partial Regex Told();
}
