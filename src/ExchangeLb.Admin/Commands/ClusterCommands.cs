using System;
using System.Linq;
using System.Threading.Tasks;
using ExchangeLb.Core.Runtime;

namespace ExchangeLb.Admin.Commands;

/// <summary>
/// Commands that change who owns what. Their answer begins with `done` or `refused`, so that scripts can tell, and goes on with what there is to
/// say. They may take seconds; only their own connection waits.
/// </summary>
internal static class ClusterCommands
{
    public const string Alone = "this node is in no cluster: it was started without --cluster, or a moment ago";

    /// <summary>Null, after having said so: there is no cluster.</summary>
    public static IClusterRuntime? Find(CommandCall call)
    {
        if (call.Cluster is null)
        {
            call.Say(Alone);
        }
        return call.Cluster;
    }

    /// <summary>`cluster switchover [node NAME] [vip ADDRESS]`.</summary>
    public static ValueTask SwitchoverAsync(CommandCall call) => RunAsync(call, cluster =>
    {
        (string? node, string? vip) = (null, null);
        for (int at = 0; at < call.Arguments.Length; at += 2)
        {
            string value = call.Argument(at + 1);
            switch (call.Argument(at))
            {
                case "node" when value.Length > 0: node = value; break;
                case "vip" when value.Length > 0: vip = value; break;
                default: return Refused("usage: cluster switchover [node <name>] [vip <address>]");
            }
        }
        return NodeProblem(cluster, node) is { } noNode ? Refused(noNode)
            : VipProblem(cluster, ref vip) is { } noVip ? Refused(noVip)
            : cluster.Switchover(node, vip);
    });

    public static ValueTask StandbyAsync(CommandCall call) => SetStandbyAsync(call, standby: true);

    public static ValueTask UnstandbyAsync(CommandCall call) => SetStandbyAsync(call, standby: false);

    /// <summary>`cluster reload [all]`.</summary>
    public static ValueTask ReloadAsync(CommandCall call) => RunAsync(call, cluster => call.Arguments switch
    {
        [] => cluster.Reload(all: false),
        ["all"] => cluster.Reload(all: true),
        _ => Refused("usage: cluster reload [all]"),
    });

    private static ValueTask SetStandbyAsync(CommandCall call, bool standby) => RunAsync(call, cluster =>
    {
        string? node = call.Arguments.IsEmpty ? null : call.Argument(0);
        return call.Arguments.Length > 1 ? Refused($"usage: cluster {(standby ? "standby" : "unstandby")} [<node>]")
            : NodeProblem(cluster, node) is { } problem ? Refused(problem)
            : cluster.SetStandby(node, standby);
    });

    private static async ValueTask RunAsync(CommandCall call, Func<IClusterRuntime, Task<CommandResult>> run)
    {
        if (call.Cluster is not { } cluster)
        {
            call.Say($"refused: {Alone}");
            return;
        }
        CommandResult result;
        try
        {
            result = await run(cluster).WaitAsync(CommandLimits.ClusterOrder, call.Time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            result = CommandResult.Failed($"no answer within {CommandLimits.ClusterOrder.TotalSeconds:0} s; whether it was done is not known");
        }
        string word = result.Done ? "done" : "refused";
        call.Say(result.Message.Length > 0 ? $"{word}: {result.Message.TrimEnd('\n')}" : word);
    }

    private static string? NodeProblem(IClusterRuntime cluster, string? name)
    {
        ClusterSnapshot now = cluster.Snapshot();
        return name is null || now.Nodes.Any(node => node.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            ? null : $"there is no node '{name}'; nodes are: {string.Join(", ", now.Nodes.Select(node => node.Name))}";
    }

    /// <summary>Written with or without the prefix's length, it becomes what the snapshot calls it.</summary>
    private static string? VipProblem(IClusterRuntime cluster, ref string? vip)
    {
        if (vip is not { } given)
        {
            return null;
        }
        ClusterSnapshot now = cluster.Snapshot();
        vip = now.Vips.FirstOrDefault(known => WithoutLength(known.Address) == WithoutLength(given))?.Address;
        return vip is null ? $"there is no VIP '{given}'; VIPs are: {string.Join(", ", now.Vips.Select(known => known.Address))}" : null;
    }

    private static string WithoutLength(string address) => address.Split('/')[0];

    private static Task<CommandResult> Refused(string why) => Task.FromResult(CommandResult.Failed(why));
}
