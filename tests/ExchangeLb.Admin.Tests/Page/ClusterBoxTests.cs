using System;
using ExchangeLb.Admin.Http;
using ExchangeLb.Admin.Page;
using ExchangeLb.Admin.Stats;
using ExchangeLb.Admin.Tests.Fakes;
using ExchangeLb.Admin.Text;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Runtime;
using Xunit;

namespace ExchangeLb.Admin.Tests.Page;

public sealed class ClusterBoxTests
{
    [Fact]
    public void A_node_without_a_cluster_has_no_such_box() => Assert.DoesNotContain("id=\"cluster\"", Page(null), StringComparison.Ordinal);

    [Fact]
    public void Both_nodes_the_owner_and_the_lag_are_shown()
    {
        string page = Page(ClusterScene.Pair());

        Assert.Contains("<span class=\"v\">lb1</span><small>this node</small>", page, StringComparison.Ordinal);
        Assert.Contains("<span class=\"v\">lb2</span><small>192.168.200.22</small>", page, StringComparison.Ordinal);
        Assert.Contains("<dt>192.168.200.25</dt><dd><span class=\"v\">lb1</span>", page, StringComparison.Ordinal);
        Assert.Contains("<span class=\"v\">1.4 ms</span>", page, StringComparison.Ordinal);
        Assert.Contains("A failover would work now</span>", page, StringComparison.Ordinal);
    }

    /// <summary>The page is mostly asked of the owner, which holds none itself.</summary>
    [Fact]
    public void Who_could_go_on_with_quiet_connections_is_shown()
    {
        ClusterSnapshot pair = ClusterScene.Pair() with { Recording = new RecordingSnapshot { SentBytesTotal = 2048 } };

        Assert.Contains("<dt>Quiet connections</dt><dd><span class=\"v\">none held</span>", Page(pair), StringComparison.Ordinal);
        Assert.Contains("<dt>Quiet connections</dt><dd><span class=\"v\">lb2 holds 312</span>", Page(pair with { Nodes = [pair.Nodes[0], pair.Nodes[1] with { RecordsHeld = 312 }] }), StringComparison.Ordinal);
        Assert.Contains("<span class=\"v\">none held</span>", Page(pair with { Nodes = [pair.Nodes[0], pair.Nodes[1] with { RecordsHeld = 312, Present = false }] }), StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_node_saw_last_stands_first()
    {
        string page = Page(ClusterScene.Pair());

        int newest = page.IndexOf("<li><time>2026-03-01 12:03:00 UTC</time> <b>standby</b> <span>lb2 left standby</span></li>", StringComparison.Ordinal);
        Assert.InRange(page.IndexOf("<b>view</b>", StringComparison.Ordinal), newest + 1, int.MaxValue);
        Assert.True(newest > 0);
        Assert.DoesNotContain("class=\"events\"", Page(ClusterScene.Pair() with { Events = [] }), StringComparison.Ordinal);
    }

    [Fact]
    public void Where_the_headline_is_the_hosts_name_the_nodes_stands_below()
    {
        Assert.Contains(" · west of exchange", Page(ClusterScene.Pair() with { Self = "west" }), StringComparison.Ordinal);
        Assert.DoesNotContain(" of exchange", Page(null), StringComparison.Ordinal);
    }

    [Fact]
    public void One_link_shows_it_anew_in_haproxys_words() => Assert.Contains(">Refresh now</a>", Page(ClusterScene.Pair()), StringComparison.Ordinal);

    [Fact]
    public void Configuration_drift_is_a_visible_warning()
    {
        string page = Page(ClusterScene.Drifted());

        Assert.Contains("<ul class=\"reasons doubtful\">\n<li>haproxy.cfg differs between the nodes: lb1 0123456789ab, lb2 77ab01c2d3e4</li>", page, StringComparison.Ordinal);
        Assert.Contains("10.0.0.22 down", page, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pair_that_can_not_fail_over_is_in_doubt_though_all_its_servers_serve()
    {
        string page = Page(ClusterScene.PeerGone());

        Assert.Contains("<div class=\"verdict doubtful\"", page, StringComparison.Ordinal);
        Assert.Contains("no failover is possible now", page, StringComparison.Ordinal);
        Assert.Contains("absent</span>", page, StringComparison.Ordinal);
    }

    [Fact]
    public void A_vip_without_owner_is_the_pages_verdict_and_names_are_encoded()
    {
        string page = Page(ClusterScene.Dark());

        Assert.Contains("192.168.200.25: no owner</p>", page, StringComparison.Ordinal);
        Assert.Contains("Cluster a&lt;b&gt;&amp;&quot;c&quot;", page, StringComparison.Ordinal);
        Assert.DoesNotContain("a<b>", page, StringComparison.Ordinal);
    }

    private static string Page(ClusterSnapshot? cluster)
    {
        StatsPageModel model = new() { Uri = "/" };
        using Utf8Writer output = new();
        StatsPage.Write(output, new PageView(Scene.Article(model), model, StatFilter.All, new StatsUri()) { Cluster = cluster });
        return output.ToString();
    }
}
