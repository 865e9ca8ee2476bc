using System;
using System.Globalization;
using System.Linq;
using ExchangeLb.Core.Runtime;

namespace ExchangeLb.Admin.Commands;

/// <summary>Commands that change a server (management.txt, 9.3), with HAProxy's answers, which scripts look for.</summary>
internal static class ServerCommands
{
    private const int LargestWeight = 256;

    /// <summary>What `set server` of HAProxy can also change.</summary>
    private static readonly string[] Refused =
        ["addr", "agent", "agent-addr", "agent-port", "agent-send", "check-addr", "check-port", "fqdn", "ssl"];

    public static void EnableServer(CommandCall call) =>
        On(call, server => call.Runtime.SetServerState(server.BackendName, server.ServerName, ServerAdminState.Ready));

    public static void DisableServer(CommandCall call) =>
        On(call, server => call.Runtime.SetServerState(server.BackendName, server.ServerName, ServerAdminState.Maintenance));

    public static void EnableHealth(CommandCall call) => On(call, server => server.Server.Model.Check
        ? call.Runtime.SetServerChecks(server.BackendName, server.ServerName, enabled: true)
        : CommandResult.Failed("Health check was not configured on this server, cannot enable."));

    public static void DisableHealth(CommandCall call) =>
        On(call, server => call.Runtime.SetServerChecks(server.BackendName, server.ServerName, enabled: false));

    public static void GetWeight(CommandCall call)
    {
        if (ServerTarget.Find(call) is { Server: var server })
        {
            call.Say($"{server.Weight} (initial {server.InitialWeight})");
        }
    }

    public static void SetWeight(CommandCall call) => On(call, server => Weight(call, server, call.Argument(1)));

    public static void Set(CommandCall call) => On(call, server =>
    {
        string value = call.Argument(2);
        return call.Argument(1) switch
        {
            "weight" => Weight(call, server, value),
            "state" => State(call, server, value),
            "health" => Health(call, server, value),
            var other when Refused.Contains(other) => CommandResult.Failed($"'set server <srv> {other}' is not supported by ExchangeLb."),
            _ => CommandResult.Failed("usage: set server <backend>/<server> health | state | weight"),
        };
    });

    private static CommandResult State(CommandCall call, ServerTarget server, string value)
    {
        ServerAdminState? state = value switch
        {
            "ready" => ServerAdminState.Ready,
            "drain" => ServerAdminState.Drain,
            "maint" => ServerAdminState.Maintenance,
            _ => null,
        };
        return state is { } wanted
            ? call.Runtime.SetServerState(server.BackendName, server.ServerName, wanted)
            : CommandResult.Failed("'set server <srv> state' expects 'ready', 'drain' and 'maint'.");
    }

    private static CommandResult Health(CommandCall call, ServerTarget server, string value) => value switch
    {
        "up" => call.Runtime.SetServerHealth(server.BackendName, server.ServerName, ServerHealth.Up),
        "down" => call.Runtime.SetServerHealth(server.BackendName, server.ServerName, ServerHealth.Down),
        "stopping" => CommandResult.Failed("'set server <srv> health stopping' is not supported by ExchangeLb; use 'state drain'."),
        _ => CommandResult.Failed("'set server <srv> health' expects 'up', 'stopping', or 'down'."),
    };

    private static CommandResult Weight(CommandCall call, ServerTarget server, string text)
    {
        if (text.Length == 0)
        {
            return CommandResult.Failed("Require <weight> or <weight%>.");
        }
        bool percent = text.EndsWith('%');
        ReadOnlySpan<char> digits = percent ? text.AsSpan(0, text.Length - 1) : text;
        if (!long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long weight))
        {
            return CommandResult.Failed(char.IsAsciiDigit(text[0])
                ? "Trailing garbage in weight string"
                : "Empty weight string empty or preceded by garbage");
        }
        if (percent && weight < 0)
        {
            return CommandResult.Failed("Relative weight must be positive.");
        }
        if (!percent && weight is < 0 or > LargestWeight)
        {
            return CommandResult.Failed("Absolute weight can only be between 0 and 256 inclusive.");
        }
        // A relative weight has no upper bound of its own; what comes of it is capped by the runtime.
        return call.Runtime.SetServerWeight(server.BackendName, server.ServerName, (int)Math.Min(weight, int.MaxValue), percent);
    }

    private static void On(CommandCall call, Func<ServerTarget, CommandResult> change)
    {
        if (ServerTarget.Find(call) is { } server)
        {
            call.Say(change(server));
        }
    }
}
