using ExchangeLb.Core.Model;
using ExchangeLb.Core.Runtime;

namespace ExchangeLb.Admin.Stats;

/// <summary>HAProxy's words for states and results, which scripts and monitoring compare literally (management.txt, 9.1).</summary>
internal static class HaproxyWords
{
    /// <summary>The `status` column of a server.</summary>
    public static string Status(ServerSnapshot server)
    {
        if (server.Admin == ServerAdminState.Maintenance)
        {
            return "MAINT";
        }
        CheckSnapshot? check = server.Check;
        if (server.Health == ServerHealth.Down)
        {
            return check is { Health: > 0 } ? $"DOWN {check.Health}/{check.Rise}" : "DOWN";
        }
        bool draining = server.Admin == ServerAdminState.Drain;
        if (check is not null && server.Health == ServerHealth.Up && check.Health < check.Rise + check.Fall - 1)
        {
            string step = $"{check.Health - check.Rise + 1}/{check.Fall}";
            return draining ? $"DRAIN {step}" : $"UP {step}";
        }
        return draining ? "DRAIN" : server.Health == ServerHealth.NotChecked ? "no check" : "UP";
    }

    /// <summary>The `status` column of a frontend.</summary>
    public static string Status(FrontendStatus status) => status switch
    {
        FrontendStatus.Open => "OPEN",
        FrontendStatus.Full => "FULL",
        _ => "STOP",
    };

    /// <summary>The `check_status` column: "* " marks a check that is going on.</summary>
    public static string CheckCode(CheckSnapshot check) => check.Running ? "* " + CheckCode(check.Result) : CheckCode(check.Result);

    /// <summary>The `check_desc` column.</summary>
    public static string CheckDescription(CheckResult result) => result switch
    {
        CheckResult.Initial => "Initializing",
        CheckResult.SocketError => "Socket error",
        CheckResult.ConnectOk => "Layer4 check passed",
        CheckResult.ConnectTimeout => "Layer4 timeout",
        CheckResult.ConnectError => "Layer4 connection problem",
        CheckResult.TlsOk => "Layer6 check passed",
        CheckResult.TlsTimeout => "Layer6 timeout",
        CheckResult.TlsBadResponse => "Layer6 invalid response",
        CheckResult.HttpOk => "Layer7 check passed",
        CheckResult.HttpTimeout => "Layer7 timeout",
        CheckResult.HttpBadResponse => "Layer7 invalid response",
        CheckResult.HttpBadStatus => "Layer7 wrong status",
        _ => "Unknown",
    };

    /// <summary>The `mode` column.</summary>
    public static string Mode(ProxyMode mode) => mode == ProxyMode.Http ? "http" : "tcp";

    /// <summary>The `algo` column: the first word of `balance`.</summary>
    public static string Algorithm(BalanceKind balance) => balance switch
    {
        BalanceKind.RoundRobin => "roundrobin",
        BalanceKind.StaticRoundRobin => "static-rr",
        BalanceKind.LeastConn => "leastconn",
        BalanceKind.First => "first",
        BalanceKind.Source => "source",
        _ => "unknown",
    };

    private static string CheckCode(CheckResult result) => result switch
    {
        CheckResult.Initial => "INI",
        CheckResult.SocketError => "SOCKERR",
        CheckResult.ConnectOk => "L4OK",
        CheckResult.ConnectTimeout => "L4TOUT",
        CheckResult.ConnectError => "L4CON",
        CheckResult.TlsOk => "L6OK",
        CheckResult.TlsTimeout => "L6TOUT",
        CheckResult.TlsBadResponse => "L6RSP",
        CheckResult.HttpOk => "L7OK",
        CheckResult.HttpTimeout => "L7TOUT",
        CheckResult.HttpBadResponse => "L7RSP",
        CheckResult.HttpBadStatus => "L7STS",
        _ => "UNK",
    };
}
