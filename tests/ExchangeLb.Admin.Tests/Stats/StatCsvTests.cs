using System;
using System.Linq;
using ExchangeLb.Admin.Stats;
using ExchangeLb.Admin.Tests.Fakes;
using ExchangeLb.Admin.Text;
using ExchangeLb.Core.Runtime;
using Xunit;

namespace ExchangeLb.Admin.Tests.Stats;

public class StatCsvTests
{
    /// <summary>Byte for byte what HAProxy 2.6.12 sends.</summary>
    private const string Header26 =
        "# pxname,svname,qcur,qmax,scur,smax,slim,stot,bin,bout,dreq,dresp,ereq,econ,eresp,wretr,wredis,status,weight,act,bck,chkfail,"
        + "chkdown,lastchg,downtime,qlimit,pid,iid,sid,throttle,lbtot,tracked,type,rate,rate_lim,rate_max,check_status,check_code,"
        + "check_duration,hrsp_1xx,hrsp_2xx,hrsp_3xx,hrsp_4xx,hrsp_5xx,hrsp_other,hanafail,req_rate,req_rate_max,req_tot,cli_abrt,srv_abrt,"
        + "comp_in,comp_out,comp_byp,comp_rsp,lastsess,last_chk,last_agt,qtime,ctime,rtime,ttime,agent_status,agent_code,agent_duration,"
        + "check_desc,agent_desc,check_rise,check_fall,check_health,agent_rise,agent_fall,agent_health,addr,cookie,mode,algo,conn_rate,"
        + "conn_rate_max,conn_tot,intercepted,dcon,dses,wrew,connect,reuse,cache_lookups,cache_hits,srv_icur,src_ilim,qtime_max,ctime_max,"
        + "rtime_max,ttime_max,eint,idle_conn_cur,safe_conn_cur,used_conn_cur,need_conn_est,uweight,agg_server_status,"
        + "agg_server_check_status,agg_check_status,-,ssl_sess,ssl_reused_sess,ssl_failed_handshake,h2_headers_rcvd,h2_data_rcvd,"
        + "h2_settings_rcvd,h2_rst_stream_rcvd,h2_goaway_rcvd,h2_detected_conn_protocol_errors,h2_detected_strm_protocol_errors,"
        + "h2_rst_stream_resp,h2_goaway_resp,h2_open_connections,h2_backend_open_streams,h2_total_connections,h2_backend_total_streams,"
        + "h1_open_connections,h1_open_streams,h1_total_connections,h1_total_streams,h1_bytes_in,h1_bytes_out,h1_spliced_bytes_in,"
        + "h1_spliced_bytes_out,\n";

    [Fact]
    public void The_header_is_that_of_HAProxy()
    {
        using var writer = new Utf8Writer();

        StatCsv.WriteHeader(writer);

        Assert.Equal(Header26, writer.ToString());
    }

    [Fact]
    public void Every_row_has_as_many_fields_as_the_header()
    {
        string[] rows = Csv(Scene.EveryState(), StatFilter.All);

        Assert.All(rows, row => Assert.Equal(CsvColumns.All.Length + 1, row.Split(',').Length));
        Assert.Equal(2 + 11 + 4, rows.Length);
    }

    [Theory]
    [InlineData("exchange1", "UP")]
    [InlineData("exchange2", "DRAIN")]
    [InlineData("exchange3", "DOWN")]
    [InlineData("exchange4", "UP 1/3")]
    [InlineData("exchange5", "MAINT")]
    [InlineData("unchecked", "no check")]
    [InlineData("recovering", "DOWN 1/2")]
    public void States_are_in_HAProxys_words(string server, string status)
    {
        Assert.Equal(status, Field(Scene.EveryState(), server, "status"));
    }

    [Theory]
    [InlineData("exchange1", "check_status", "L6OK")]
    [InlineData("exchange3", "check_status", "L4CON")]
    [InlineData("exchange4", "check_status", "* L6TOUT")]
    [InlineData("exchange5", "check_status", "")]
    [InlineData("unchecked", "check_status", "")]
    [InlineData("unchecked", "downtime", "")]
    [InlineData("exchange1", "check_code", "")]
    [InlineData("exchange3", "last_chk", "Connection refused")]
    [InlineData("exchange3", "check_desc", "Layer4 connection problem")]
    [InlineData("full", "slim", "584")]
    [InlineData("exchange1", "slim", "")]
    [InlineData("unchecked", "addr", "[2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff]:443")]
    [InlineData("exchange1", "lastsess", "1")]
    public void Fields_follow_HAProxys_conventions(string server, string column, string value)
    {
        Assert.Equal(value, Field(Scene.EveryState(), server, column));
    }

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("a,b", "\"a,b\"")]
    [InlineData("say \"no\"", "\"say \"\"no\"\"\"")]
    [InlineData("two\nlines", "\"two lines\"")]
    public void Text_is_quoted_only_where_it_must(string info, string field)
    {
        ServerSnapshot server = Scene.Down(1, "s", "192.0.2.1");
        server = server with { Check = server.Check! with { Info = info } };

        string row = Csv(new LoadBalancerSnapshot(Scene.Process, [Scene.Listen(3, "p", [server])]), StatFilter.All)[1];

        Assert.Contains($",{field},,0,1,0,65000,", row, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, "FRONTEND")]
    [InlineData(2, "BACKEND")]
    public void Rows_can_be_chosen_by_kind(int kind, string name)
    {
        string[] rows = Csv(Scene.EveryState(), new StatFilter { Rows = (StatRows)kind });

        Assert.Equal([name], rows.Select(row => row.Split(',')[1]).Distinct());
    }

    private static string Field(LoadBalancerSnapshot scene, string server, string column)
    {
        string[] row = Csv(scene, StatFilter.All).Single(row => row.Split(',')[1] == server).Split(',');
        return row[CsvColumns.All.Select(one => one.Name).ToList().IndexOf(column)];
    }

    private static string[] Csv(LoadBalancerSnapshot scene, StatFilter filter)
    {
        using var writer = new Utf8Writer();
        foreach (ProxySnapshot proxy in scene.Proxies)
        {
            StatCsv.WriteRows(writer, proxy, filter, legends: true);
        }
        return writer.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
