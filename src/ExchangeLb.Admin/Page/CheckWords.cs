using ExchangeLb.Core.Runtime;

namespace ExchangeLb.Admin.Page;

/// <summary>The last check of a server as a sentence.</summary>
internal static class CheckWords
{
    public static string Of(ServerSnapshot server)
    {
        if (server.Check is not { } check)
        {
            return "Not checked";
        }
        if (server.Admin == ServerAdminState.Maintenance)
        {
            return "Checks are paused";
        }
        string time = Words.Milliseconds(check.DurationMs);
        return check.Result switch
        {
            CheckResult.Initial => "First check under way",
            CheckResult.SocketError => Because("No check possible", check.Info),
            CheckResult.ConnectOk => $"Connected in {time}",
            CheckResult.ConnectTimeout => $"No connection within {time}",
            CheckResult.ConnectError => Because("Not reached", check.Info),
            CheckResult.TlsOk => $"{(check.Info.Length > 0 ? check.Info : "TLS handshake")} in {time}",
            CheckResult.TlsTimeout => $"No TLS answer within {time}",
            CheckResult.TlsBadResponse => Because("No TLS answer", check.Info),
            CheckResult.HttpOk => $"HTTP {check.Code} in {time}",
            CheckResult.HttpTimeout => $"No HTTP answer within {time}",
            CheckResult.HttpBadResponse => Because("No HTTP answer", check.Info),
            CheckResult.HttpBadStatus => Because($"HTTP {check.Code}", check.Info),
            _ => check.Info,
        };
    }

    private static string Because(string what, string info) => info.Length > 0 ? $"{what}: {info}" : what;
}
