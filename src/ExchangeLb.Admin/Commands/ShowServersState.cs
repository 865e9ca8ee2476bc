using System.Linq;
using System.Threading.Tasks;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Runtime;

namespace ExchangeLb.Admin.Commands;

/// <summary>`show servers state` (management.txt, 9.3), version 1 of its form.</summary>
internal static class ShowServersState
{
    private const string Columns =
        "# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight srv_time_since_last_change "
        + "srv_check_status srv_check_result srv_check_health srv_check_state srv_agent_state bk_f_forced_id srv_f_forced_id srv_fqdn "
        + "srv_port srvrecord srv_use_ssl srv_check_port srv_check_addr srv_agent_addr srv_agent_port";

    public static async ValueTask WriteAsync(CommandCall call)
    {
        string wanted = call.Argument(0);
        LoadBalancerSnapshot snapshot = call.Runtime.Snapshot();
        if (wanted.Length > 0 && !snapshot.Proxies.Any(proxy => proxy.Backend is not null && proxy.Model.Name == wanted))
        {
            call.Say("Can't find backend.");
            return;
        }
        call.Say("1");
        call.Say(Columns);
        foreach (ProxySnapshot proxy in snapshot.Proxies.Where(proxy => wanted.Length == 0 || proxy.Model.Name == wanted))
        {
            foreach (ServerSnapshot server in proxy.Servers)
            {
                Write(call, proxy.Model, server);
                await call.SendIfLargeAsync().ConfigureAwait(false);
            }
        }
    }

    private static void Write(CommandCall call, ProxyModel proxy, ServerSnapshot server)
    {
        ServerModel model = server.Model;
        (int status, int result) = CheckNumbers(server.Check);
        string address = (server.Address?.Address ?? model.Address).ToString();
        int port = server.Address?.Port ?? model.Port;
        string checkAddress = model.CheckAddress?.ToString() ?? "-";
        call.Say($"{proxy.Id} {proxy.Name} {model.Id} {model.Name} {address} {Operational(server)} {Administrative(server)} "
            + $"{server.Weight} {server.InitialWeight} {(long)server.SinceChange.TotalSeconds} {status} {result} {server.Check?.Health ?? model.Rise} "
            + $"{CheckBits(server)} 0 0 0 - {port} - 0 {model.CheckPort} {checkAddress} - 0");
    }

    /// <summary>0 stopped, 2 running.</summary>
    private static int Operational(ServerSnapshot server) =>
        server.Admin == ServerAdminState.Maintenance || server.Health == ServerHealth.Down ? 0 : 2;

    /// <summary>Bits: 1 maintenance, 4 maintenance by the configuration, 8 drain.</summary>
    private static int Administrative(ServerSnapshot server) => server.Admin switch
    {
        ServerAdminState.Maintenance => server.Model.Disabled ? 5 : 1,
        ServerAdminState.Drain => 8,
        _ => 0,
    };

    /// <summary>Bits: 1 running, 2 configured, 4 enabled, 8 paused.</summary>
    private static int CheckBits(ServerSnapshot server) =>
        !server.Model.Check ? 0
        : 2 + (server.Check is null ? 0 : 4)
            + (server.Admin == ServerAdminState.Maintenance ? 8 : 0)
            + (server.Check is { Running: true } ? 1 : 0);

    /// <summary>HAProxy's numbers for the check's status, and its verdict: 0 unknown, 2 failed, 3 passed.</summary>
    private static (int Status, int Result) CheckNumbers(CheckSnapshot? check) => check?.Result switch
    {
        CheckResult.SocketError => (5, 2),
        CheckResult.ConnectOk => (6, 3),
        CheckResult.ConnectTimeout => (7, 2),
        CheckResult.ConnectError => (8, 2),
        CheckResult.TlsOk => (9, 3),
        CheckResult.TlsTimeout => (10, 2),
        CheckResult.TlsBadResponse => (11, 2),
        CheckResult.HttpTimeout => (12, 2),
        CheckResult.HttpBadResponse => (13, 2),
        CheckResult.HttpOk => (15, 3),
        CheckResult.HttpBadStatus => (17, 2),
        _ => (1, 0),
    };
}
