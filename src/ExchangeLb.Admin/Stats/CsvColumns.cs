using System;
using System.Collections.Immutable;
using ExchangeLb.Core.Health;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Runtime;

namespace ExchangeLb.Admin.Stats;

/// <summary>
/// Every column of HAProxy 2.6 in its order (management.txt, 9.1; those behind `-` as `show stat` prints them). Readers
/// count columns, so a row is never taken out or moved. Zero stands where the thing itself does not happen here: nothing is
/// denied, compressed, cached or decrypted in TCP mode.
/// </summary>
internal static class CsvColumns
{
    public static ImmutableArray<CsvColumn> All { get; } =
    [
        // Who: names.
        new("pxname") { Frontend = row => row.Proxy.Name, Server = row => row.Proxy.Name, Backend = row => row.Proxy.Name },
        new("svname") { Frontend = _ => "FRONTEND", Server = row => row.State.Model.Name, Backend = _ => "BACKEND" },

        // Sessions and bytes.
        new("qcur") { Server = row => row.State.Queued, Backend = row => row.State.Queued },
        new("qmax") { Server = row => row.State.MaxQueued, Backend = row => row.State.MaxQueued },
        Traffic("scur", traffic => traffic.CurrentSessions),
        Traffic("smax", traffic => traffic.MaxSessions),
        new("slim")
        {
            Frontend = row => row.State.SessionLimit,
            Server = row => UnlessZero(row.State.Model.MaxConn),
            Backend = row => row.State.SessionLimit,
        },
        Traffic("stot", traffic => traffic.TotalSessions),
        Traffic("bin", traffic => traffic.BytesIn),
        Traffic("bout", traffic => traffic.BytesOut),

        // What was denied and what went wrong.
        new("dreq") { Frontend = _ => 0, Backend = _ => 0 },
        new("dresp") { Frontend = _ => 0, Server = _ => 0, Backend = _ => 0 },
        new("ereq") { Frontend = row => row.State.RequestErrors },
        new("econ") { Server = row => row.State.ConnectionErrors, Backend = row => row.State.ConnectionErrors },
        new("eresp") { Server = row => row.State.ResponseErrors, Backend = row => row.State.ResponseErrors },
        new("wretr") { Server = row => row.State.Retries, Backend = row => row.State.Retries },
        new("wredis") { Server = row => row.State.Redispatches, Backend = row => row.State.Redispatches },

        // State.
        new("status")
        {
            Frontend = row => HaproxyWords.Status(row.State.Status),
            Server = row => HaproxyWords.Status(row.State),
            Backend = row => row.State.Up ? "UP" : "DOWN",
        },
        new("weight") { Server = row => row.State.Weight, Backend = row => row.State.Weight },
        new("act") { Server = row => row.State.Model.Backup ? 0 : 1, Backend = row => row.State.ActiveServers },
        new("bck") { Server = row => row.State.Model.Backup ? 1 : 0, Backend = row => row.State.BackupServers },
        new("chkfail") { Server = row => row.State.Check is null ? CsvValue.Empty : row.State.CheckFailures },
        new("chkdown")
        {
            Server = row => row.State.Check is null ? CsvValue.Empty : row.State.DownTransitions,
            Backend = row => row.State.DownTransitions,
        },
        new("lastchg") { Server = row => row.State.SinceChange, Backend = row => row.State.SinceChange },
        new("downtime")
        {
            Server = row => row.State.Check is null ? CsvValue.Empty : row.State.Downtime,
            Backend = row => row.Proxy.Backend is { Servers.Length: > 0 } ? row.State.Downtime : CsvValue.Empty,
        },
        new("qlimit") { Server = row => UnlessZero(row.State.Model.MaxQueue) },

        // Numbers by which `show stat` selects. There is one process, so its number is 1.
        new("pid") { Frontend = _ => 1, Server = _ => 1, Backend = _ => 1 },
        new("iid") { Frontend = row => row.Proxy.Id, Server = row => row.Proxy.Id, Backend = row => row.Proxy.Id },
        new("sid") { Frontend = _ => 0, Server = row => row.State.Model.Id, Backend = _ => 0 },
        new("throttle"),
        new("lbtot") { Server = row => row.State.SelectedTotal, Backend = row => row.State.SelectedTotal },
        new("tracked"),
        new("type") { Frontend = _ => 0, Server = _ => 2, Backend = _ => 1 },
        Traffic("rate", traffic => traffic.SessionRate),
        new("rate_lim") { Frontend = _ => 0 },
        Traffic("rate_max", traffic => traffic.MaxSessionRate),

        // The last check. In maintenance there is none.
        new("check_status") { Server = row => OfCheck(row, check => HaproxyWords.CheckCode(check)) },
        new("check_code")
        {
            Server = row => OfCheck(row, check => check.Result is CheckResult.HttpOk or CheckResult.HttpBadStatus
                ? check.Code : CsvValue.Empty),
        },
        new("check_duration")
        {
            Server = row => OfCheck(row, check => check.Result == CheckResult.Initial ? CsvValue.Empty : check.DurationMs),
        },

        // HTTP: only the sections that serve the stats page speak it.
        HttpResponses("hrsp_1xx", 0),
        HttpResponses("hrsp_2xx", 1),
        HttpResponses("hrsp_3xx", 2),
        HttpResponses("hrsp_4xx", 3),
        HttpResponses("hrsp_5xx", 4),
        HttpResponses("hrsp_other", 5),
        new("hanafail"),
        new("req_rate") { Frontend = _ => 0 },
        new("req_rate_max") { Frontend = _ => 0 },
        new("req_tot") { Frontend = row => row.State.HttpRequests, Backend = row => HttpOnly(row.Proxy, 0) },
        new("cli_abrt") { Server = row => row.State.ClientAborts, Backend = row => row.State.ClientAborts },
        new("srv_abrt") { Server = row => row.State.ServerAborts, Backend = row => row.State.ServerAborts },
        new("comp_in") { Frontend = _ => 0, Backend = _ => 0 },
        new("comp_out") { Frontend = _ => 0, Backend = _ => 0 },
        new("comp_byp") { Frontend = _ => 0, Backend = _ => 0 },
        new("comp_rsp") { Frontend = _ => 0, Backend = _ => 0 },

        // Times, and the check in words.
        new("lastsess") { Server = row => SecondsOrNever(row.State.SinceLastSession), Backend = row => SecondsOrNever(row.State.SinceLastSession) },
        new("last_chk") { Server = row => OfCheck(row, check => check.Info) },
        new("last_agt"),
        Mean("qtime", means => means.QueueMs),
        Mean("ctime", means => means.ConnectMs),
        Mean("rtime", _ => 0),
        Mean("ttime", means => means.TotalMs),
        new("agent_status"),
        new("agent_code"),
        new("agent_duration"),
        new("check_desc") { Server = row => OfCheck(row, check => CheckResultText.Description(check.Result)) },
        new("agent_desc"),
        new("check_rise") { Server = row => OfCheck(row, check => check.Rise) },
        new("check_fall") { Server = row => OfCheck(row, check => check.Fall) },
        new("check_health") { Server = row => OfCheck(row, check => check.Health) },
        new("agent_rise"),
        new("agent_fall"),
        new("agent_health"),
        new("addr") { Server = row => row.Legends ? ServerAddress.Text(row.State) : CsvValue.Empty },
        new("cookie"),
        new("mode")
        {
            Frontend = row => HaproxyWords.Mode(row.Proxy.Mode),
            Server = row => HaproxyWords.Mode(row.Proxy.Mode),
            Backend = row => HaproxyWords.Mode(row.Proxy.Mode),
        },
        new("algo")
        {
            Backend = row => row.Legends && row.Proxy.Backend is { } backend ? HaproxyWords.Algorithm(backend.Balance) : CsvValue.Empty,
        },
        new("conn_rate") { Frontend = row => row.State.ConnectionRate },
        new("conn_rate_max") { Frontend = row => row.State.MaxConnectionRate },
        new("conn_tot") { Frontend = row => row.State.ConnectionsTotal },
        new("intercepted") { Frontend = row => HttpOnly(row.Proxy, row.State.HttpRequests) },
        new("dcon") { Frontend = _ => 0 },
        new("dses") { Frontend = _ => 0 },
        new("wrew") { Frontend = _ => 0, Server = _ => 0, Backend = _ => 0 },
        new("connect") { Server = row => row.State.ConnectAttempts, Backend = row => row.State.ConnectAttempts },
        new("reuse") { Server = _ => 0, Backend = _ => 0 },
        new("cache_lookups") { Frontend = row => HttpOnly(row.Proxy, 0), Backend = row => HttpOnly(row.Proxy, 0) },
        new("cache_hits") { Frontend = row => HttpOnly(row.Proxy, 0), Backend = row => HttpOnly(row.Proxy, 0) },
        new("srv_icur") { Server = _ => 0 },
        new("src_ilim"),
        Mean("qtime_max", means => means.MaxQueueMs),
        Mean("ctime_max", means => means.MaxConnectMs),
        Mean("rtime_max", _ => 0),
        Mean("ttime_max", means => means.MaxTotalMs),
        new("eint") { Frontend = _ => 0, Server = _ => 0, Backend = _ => 0 },
        new("idle_conn_cur") { Server = _ => 0 },
        new("safe_conn_cur") { Server = _ => 0 },
        new("used_conn_cur") { Server = row => row.State.Traffic.CurrentSessions },
        new("need_conn_est") { Server = row => row.State.Traffic.CurrentSessions },
        new("uweight") { Server = row => row.State.Weight, Backend = row => row.State.Weight },
        new("agg_server_status") { Backend = _ => 0 },
        new("agg_server_check_status") { Backend = _ => 0 },
        new("agg_check_status") { Backend = _ => 0 },

        // Behind the dash: counters of protocols that are not spoken here (TLS is passed through).
        new("-") { Frontend = _ => "-", Server = _ => "-", Backend = _ => "-" },
        new("ssl_sess") { Frontend = _ => 0, Server = _ => 0, Backend = _ => 0 },
        new("ssl_reused_sess") { Frontend = _ => 0, Server = _ => 0, Backend = _ => 0 },
        new("ssl_failed_handshake") { Frontend = _ => 0, Server = _ => 0, Backend = _ => 0 },
        NotSpoken("h2_headers_rcvd"),
        NotSpoken("h2_data_rcvd"),
        NotSpoken("h2_settings_rcvd"),
        NotSpoken("h2_rst_stream_rcvd"),
        NotSpoken("h2_goaway_rcvd"),
        NotSpoken("h2_detected_conn_protocol_errors"),
        NotSpoken("h2_detected_strm_protocol_errors"),
        NotSpoken("h2_rst_stream_resp"),
        NotSpoken("h2_goaway_resp"),
        NotSpoken("h2_open_connections"),
        NotSpoken("h2_backend_open_streams"),
        NotSpoken("h2_total_connections"),
        NotSpoken("h2_backend_total_streams"),
        NotSpoken("h1_open_connections"),
        NotSpoken("h1_open_streams"),
        NotSpoken("h1_total_connections"),
        NotSpoken("h1_total_streams"),
        NotSpoken("h1_bytes_in"),
        NotSpoken("h1_bytes_out"),
        NotSpoken("h1_spliced_bytes_in"),
        NotSpoken("h1_spliced_bytes_out"),
    ];

    private static CsvColumn Traffic(string name, Func<TrafficSnapshot, long> value) => new(name)
    {
        Frontend = row => value(row.State.Traffic),
        Server = row => value(row.State.Traffic),
        Backend = row => value(row.State.Traffic),
    };

    private static CsvColumn Mean(string name, Func<MeanTimes, int> value) => new(name)
    {
        Server = row => value(row.State.Means),
        Backend = row => value(row.State.Means),
    };

    private static CsvColumn HttpResponses(string name, int statusClass) => new(name)
    {
        Frontend = row => HttpOnly(row.Proxy, row.State.HttpResponses[statusClass]),
        Backend = row => HttpOnly(row.Proxy, 0),
    };

    private static CsvColumn NotSpoken(string name) => new(name) { Frontend = _ => 0, Backend = _ => 0 };

    private static CsvValue HttpOnly(ProxyModel proxy, long value) => proxy.Mode == ProxyMode.Http ? value : CsvValue.Empty;

    private static CsvValue UnlessZero(long value) => value == 0 ? CsvValue.Empty : value;

    private static CsvValue SecondsOrNever(TimeSpan? time) => time is { } since ? since : -1;

    private static CsvValue OfCheck(ServerRow row, Func<CheckSnapshot, CsvValue> value) =>
        row.State is { Check: { } check, Admin: not ServerAdminState.Maintenance } ? value(check) : CsvValue.Empty;
}
