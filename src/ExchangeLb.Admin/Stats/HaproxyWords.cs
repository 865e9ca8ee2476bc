using ExchangeLb.Core.Health;
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
    public static string CheckCode(CheckSnapshot check) => check.Running ? "* " + CheckResultText.Code(check.Result) : CheckResultText.Code(check.Result);

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
}
