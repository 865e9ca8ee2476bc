using System;
using System.Linq;
using System.Text;
using ExchangeLb.Admin.Http;
using ExchangeLb.Admin.Tests.Fakes;
using ExchangeLb.Admin.Text;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Runtime;
using Xunit;

namespace ExchangeLb.Admin.Tests.Http;

public class StatsSiteTests
{
    [Theory]
    [InlineData("/st", 200)]
    [InlineData("/stx", 200)]
    [InlineData("http://lb.example/st", 200)]
    [InlineData("/", 503)]
    [InlineData("*", 503)]
    public void The_page_is_under_its_prefix_and_everything_else_has_no_server(string target, int status)
    {
        Assert.Equal(status, Get(target, new StatsPageModel { Uri = "/st" }).Status);
    }

    [Theory]
    [InlineData("GET", 200)]
    [InlineData("HEAD", 200)]
    [InlineData("POST", 405)]
    [InlineData("OPTIONS", 405)]
    public void The_page_is_only_read(string method, int status)
    {
        Assert.Equal(status, Answer(new HttpRequest(method, "/", "HTTP/1.1"), new StatsPageModel { Uri = "/" }).Status);
    }

    [Theory]
    [InlineData(null, 401)]
    [InlineData("Basic !", 401)]
    [InlineData("Bearer bWU6cHc=", 401)]
    [InlineData("me:wrong", 401)]
    [InlineData("me:pw ", 401)]
    [InlineData("me:pw", 200)]
    [InlineData("you:x:y", 200)]
    public void Who_has_no_password_sees_nothing(string? credentials, int status)
    {
        var page = new StatsPageModel { Uri = "/", Realm = "My \"Realm\"", Users = [("me", "pw"), ("you", "x:y")] };
        string? header = credentials is null || credentials.StartsWith('B')
            ? credentials
            : "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(credentials));

        HttpReply reply = Answer(new HttpRequest("GET", "/", "HTTP/1.1") { Authorization = header }, page);

        Assert.Equal(status, reply.Status);
        Assert.Equal(status == 401, Head(reply).Contains("www-authenticate: Basic realm=\"My \\\"Realm\\\"\"\r\n", StringComparison.Ordinal));
        Assert.Equal(status == 401, !reply.Body.ToString().Contains("e2k13", StringComparison.Ordinal));
    }

    [Fact]
    public void Csv_is_text_and_hides_addresses_unless_legends_are_shown()
    {
        string hidden = Get("/;csv", new StatsPageModel { Uri = "/" }).Body.ToString();
        HttpReply shown = Get("/;csv", new StatsPageModel { Uri = "/", ShowLegends = true });

        Assert.StartsWith("# pxname,svname,", hidden, StringComparison.Ordinal);
        Assert.DoesNotContain("192.168.200.103", hidden, StringComparison.Ordinal);
        Assert.Contains(",192.168.200.103:443,", shown.Body.ToString(), StringComparison.Ordinal);
        Assert.StartsWith("text/plain", shown.ContentType, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/;csv", "exchange3", true)]
    [InlineData("/;csv;up", "exchange3", false)]
    [InlineData("/;csv;up", "exchange5", false)]
    [InlineData("/;csv;no-maint", "exchange5", false)]
    [InlineData("/;csv;no-maint", "exchange3", true)]
    [InlineData("/;up", "exchange3", false)]
    [InlineData("/;no-maint", "exchange5", false)]
    [InlineData("/", "exchange5", true)]
    public void Servers_can_be_left_out(string target, string server, bool shown)
    {
        string body = Get(target, new StatsPageModel { Uri = "/" }).Body.ToString();

        Assert.Equal(shown, body.Contains(server, StringComparison.Ordinal));
    }

    [Fact]
    public void Scope_limits_what_is_shown_and_a_dot_is_the_section_itself()
    {
        string body = Get("/;csv", new StatsPageModel { Uri = "/", Scopes = [".", "smtp"] }).Body.ToString();

        Assert.Equal(["stats", "smtp"], body.Split('\n').Skip(1).Where(line => line.Length > 0).Select(line => line.Split(',')[0]).Distinct());
    }

    [Fact]
    public void Refresh_is_asked_for_unless_the_reader_wants_none()
    {
        var page = new StatsPageModel { Uri = "/", Refresh = TimeSpan.FromSeconds(5) };

        Assert.Contains("\r\nrefresh: 5\r\n", Head(Get("/", page)), StringComparison.Ordinal);
        Assert.DoesNotContain("refresh:", Head(Get("/;norefresh", page)), StringComparison.Ordinal);
    }

    [Fact]
    public void Json_is_refused_by_name()
    {
        HttpReply reply = Get("/;json", new StatsPageModel { Uri = "/" });

        Assert.Equal(501, reply.Status);
        Assert.Contains("JSON", reply.Body.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Answers_may_be_neither_stored_nor_reinterpreted()
    {
        string head = Head(Get("/", new StatsPageModel { Uri = "/" }));

        Assert.Contains("cache-control: no-store\r\n", head, StringComparison.Ordinal);
        Assert.Contains("x-content-type-options: nosniff\r\n", head, StringComparison.Ordinal);
        Assert.Contains("content-security-policy: default-src 'none'; style-src 'sha256-", head, StringComparison.Ordinal);
    }

    private static HttpReply Get(string target, StatsPageModel page) => Answer(new HttpRequest("GET", target, "HTTP/1.1"), page);

    private static HttpReply Answer(HttpRequest request, StatsPageModel page)
    {
        LoadBalancerSnapshot scene = Scene.EveryState(page);
        return StatsSite.Answer(request, scene.Proxies[0].Model, () => new FakeLoadBalancer(scene));
    }

    private static string Head(HttpReply reply)
    {
        var head = new Utf8Writer();
        reply.WriteHead(head, keepAlive: true);
        return head.ToString();
    }
}
