using System;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Runtime;
using ExchangeLb.Proxy.Replication;

namespace ExchangeLb.Proxy.Control;

/// <summary>What the administrator orders about servers, carried out on the control thread. From any thread but that.</summary>
internal sealed class ServerCommands(Func<ServerControls> servers, ControlLoop control, ReplicatedState replicated)
{
    public CommandResult SetServerState(string backend, string server, ServerAdminState state) =>
        Change(backend, server, ServerSettingKind.State, (int)state, one => one.SetAdmin(state));

    public CommandResult SetServerHealth(string backend, string server, ServerHealth health) =>
        Change(backend, server, ServerSettingKind.Health, health == ServerHealth.Down ? 0 : 1, one => one.ForceHealth(health));

    public CommandResult SetServerWeight(string backend, string server, int weight, bool percent)
    {
        ServerControl? found = servers().Find(backend, server);
        if (found is null)
        {
            return NoSuchServer;
        }
        int initial = found.Server.Model.Weight;
        long absolute = percent ? (long)initial * weight / 100 : weight;
        if (absolute is < 0 or > 256)
        {
            return CommandResult.Failed(percent
                ? "Relative weight can only be between 0 and 25600%, with a result of at most 256."
                : "Absolute weight can only be between 0 and 256 inclusive.");
        }
        if (found.Server.Backend.Model.Balance is BalanceKind.StaticRoundRobin or BalanceKind.Source && absolute != 0 && absolute != initial)
        {
            return CommandResult.Failed("Backend is using a static LB algorithm and only accepts weights '0%' and '100%'.");
        }
        return Change(backend, server, ServerSettingKind.Weight, (int)absolute, one => one.SetWeight((int)absolute));
    }

    public CommandResult SetServerChecks(string backend, string server, bool enabled) =>
        servers().Find(backend, server) is { } found
            ? control.Ask(
                () =>
                {
                    CommandResult result = found.SetChecks(enabled);
                    if (result.Done)
                    {
                        replicated.Tell(found, ServerSettingKind.Checks, enabled ? 1 : 0);
                    }
                    return result;
                },
                Busy)
            : NoSuchServer;

    private static CommandResult NoSuchServer => CommandResult.Failed("No such server.");

    private static CommandResult Busy => CommandResult.Failed("The load balancer is stopping or too busy.");

    private CommandResult Change(string backend, string server, ServerSettingKind kind, int value, Action<ServerControl> change)
    {
        ServerControl? found = servers().Find(backend, server);
        return found is null
            ? NoSuchServer
            : control.Ask(
                () =>
                {
                    change(found);
                    replicated.Tell(found, kind, value);
                    return CommandResult.Ok;
                },
                Busy);
    }
}
