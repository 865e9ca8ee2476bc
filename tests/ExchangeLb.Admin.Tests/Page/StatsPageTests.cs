using System;
using System.Collections.Generic;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using ExchangeLb.Admin.Http;
using ExchangeLb.Admin.Page;
using ExchangeLb.Admin.Stats;
using ExchangeLb.Admin.Tests.Fakes;
using ExchangeLb.Admin.Text;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Runtime;
using FsCheck.Xunit;
using Xunit;

namespace ExchangeLb.Admin.Tests.Page;

public partial class StatsPageTests
{
    private static readonly string[] WithoutEnd = ["meta", "link", "!doctype"];

    [Theory]
    [InlineData("exchange1", "Up")]
    [InlineData("exchange2", "Draining")]
    [InlineData("exchange3", "Down")]
    [InlineData("exchange4", "Going down")]
    [InlineData("exchange5", "Maintenance")]
    [InlineData("full", "Full")]
    [InlineData("unchecked", "Up, unchecked")]
    [InlineData("recovering", "Coming up")]
    public void Each_state_is_a_word(string server, string word)
    {
        string row = Row(Page(Scene.EveryState()), server);

        Assert.Contains($"</span>{word}</span>", row, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("exchange1", "TLS handshake in 3 ms")]
    [InlineData("exchange3", "Not reached: Connection refused")]
    [InlineData("exchange4", "No TLS answer within 10 s")]
    [InlineData("exchange5", "Checks are paused")]
    [InlineData("unchecked", "Not checked")]
    public void The_last_check_is_told_in_words(string server, string words)
    {
        Assert.Contains(words, Row(Page(Scene.EveryState()), server), StringComparison.Ordinal);
    }

    [Fact]
    public void The_verdict_says_what_is_wrong_and_names_the_servers()
    {
        string page = Page(Scene.EveryState());

        Assert.Contains("<title>⚠ smtp: no usable server – lb1 – ExchangeLb</title>", page, StringComparison.Ordinal);
        Assert.Contains("4 of 11 servers down, 2 going down or full, 1 in maintenance, 1 draining", page, StringComparison.Ordinal);
        Assert.Contains("<a href=\"#server-3-3\">e2k13/exchange3</a>: Down for 1 min 15 s", page, StringComparison.Ordinal);
        Assert.Contains("id=\"server-3-3\"", page, StringComparison.Ordinal);
    }

    [Fact]
    public void When_all_is_well_the_verdict_says_so()
    {
        Assert.Contains("<title>All 2 servers in service – lb1 – ExchangeLb</title>", Page(Scene.Article()), StringComparison.Ordinal);
    }

    [Fact]
    public void The_version_can_be_hidden()
    {
        Assert.DoesNotContain("0.1.0", Page(Scene.Article(), new StatsPageModel { HideVersion = true }), StringComparison.Ordinal);
        Assert.Contains("0.1.0", Page(Scene.Article(), new StatsPageModel()), StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_on_the_page_needs_what_its_policy_forbids()
    {
        string page = Page(Scene.EveryState());

        string css = page[(page.IndexOf("<style>", StringComparison.Ordinal) + 7)..page.IndexOf("</style>", StringComparison.Ordinal)];
        string digest = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(css)));
        Assert.Contains($"style-src 'sha256-{digest}'", PageStyle.ContentPolicy, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(" style=", page, StringComparison.Ordinal);
        Assert.DoesNotContain(TagText().Matches(page), tag => tag.Value.Contains(" on", StringComparison.OrdinalIgnoreCase));
        Assert.DoesNotContain("url(", css, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_element_is_closed_where_it_was_opened()
    {
        var open = new Stack<string>();
        foreach (string tag in TagText().Matches(Page(Scene.EveryState())).Select(match => match.Groups[1].Value))
        {
            string name = tag.TrimStart('/').Split(' ', '>')[0].TrimEnd('/');
            if (tag.StartsWith('/'))
            {
                Assert.Equal(open.Pop(), name);
            }
            else if (!tag.EndsWith('/') && !WithoutEnd.Contains(name))
            {
                open.Push(name);
            }
        }
        Assert.Empty(open);
    }

    [Property(MaxTest = 200)]
    public void Names_from_outside_never_become_markup(string text)
    {
        string name = "<script>alert(\"1\")</script>'&" + text;
        ServerSnapshot server = Scene.Down(1, "x", "192.0.2.1");
        server = server with
        {
            Model = server.Model with { Name = name },
            Check = server.Check! with { Info = name },
        };
        ProxySnapshot proxy = Scene.Listen(3, "x", [server]);
        proxy = proxy with { Model = proxy.Model with { Name = name, Description = name } };
        var scene = new LoadBalancerSnapshot(Scene.Process with { Node = name, Description = name }, [proxy]);

        string page = Page(scene, new StatsPageModel { Uri = "/\"><script>" });

        Assert.DoesNotContain("<script", page, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&#39;&amp;", page, StringComparison.Ordinal);
    }

    private static string Page(LoadBalancerSnapshot scene, StatsPageModel? model = null)
    {
        using var output = new Utf8Writer();
        StatsPage.Write(output, new PageView(scene, model ?? new StatsPageModel { Uri = "/" }, StatFilter.All, new StatsUri()));
        return output.ToString().Replace('\u00A0', ' ');   // which only keeps numbers and units on one line
    }

    private static string Row(string page, string server) =>
        page.Split("<tr ").Single(row => row.Contains($"<span class=\"v\">{server}</span>", StringComparison.Ordinal));

    [GeneratedRegex("<([^>]*)>")]
    private static partial Regex TagText();
}
