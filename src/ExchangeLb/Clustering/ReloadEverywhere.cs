using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using System.Threading.Tasks;
using ExchangeLb.Cluster.Orders;
using ExchangeLb.Core.Runtime;

namespace ExchangeLb.Clustering;

/// <summary>
/// `reload --all`, on every node or on none:
/// 1. every configured node must be there;
/// 2. every node reads its files and says whether they are right;
/// 3. the others apply them one after the other, this node last;
/// 4. when one can't, as where an address cannot be bound, all go back to what ran before.
/// </summary>
/// <param name="name">Of this node.</param>
/// <param name="ask">Sends an order to another node, by its name, and waits for its answer.</param>
internal sealed class ReloadEverywhere(string name, IReloads own, Func<string, OrderKind, Task<CommandResult>> ask)
{
    private readonly StringBuilder _said = new();

    /// <param name="present">Other nodes in the view.</param>
    /// <param name="absent">Configured nodes that are not.</param>
    public async Task<CommandResult> RunAsync(IReadOnlyList<string> present, IReadOnlyList<string> absent)
    {
        // 1.
        if (absent.Count > 0)
        {
            string who = absent.Count == 1 ? $"{absent[0]} is" : $"{string.Join(" and ", absent)} are";
            return CommandResult.Failed($"{who} not in the cluster now, so no node was reloaded; 'exchangelb reload' without --all reloads one node alone");
        }
        // 2.
        bool right = Add(name, own.Prepare());
        foreach (string node in present) { right &= Add(node, await ask(node, OrderKind.PrepareReload).ConfigureAwait(false)); }
        if (!right)
        {
            own.Forget();
            foreach (string node in present) { await ask(node, OrderKind.ForgetReload).ConfigureAwait(false); }
            return Failed("no node was reloaded");
        }
        // 3.
        for (int applied = 0; applied < present.Count; applied++)
        {
            if (!Add(present[applied], await ask(present[applied], OrderKind.ApplyReload).ConfigureAwait(false)))
            {
                own.Forget();
                return await GoBackAsync(present, applied + 1).ConfigureAwait(false);
            }
        }
        return Add(name, own.Apply()) ? new CommandResult(true, _said.ToString()) : await GoBackAsync(present, present.Count).ConfigureAwait(false);
    }

    /// <summary>4. Also the one that failed: when only its answer was lost, it has applied.</summary>
    private async Task<CommandResult> GoBackAsync(IReadOnlyList<string> present, int asked)
    {
        List<string> stuck = [];
        for (int i = 0; i < present.Count; i++)
        {
            OrderKind order = i < asked ? OrderKind.RevertReload : OrderKind.ForgetReload;
            CommandResult back = await ask(present[i], order).ConfigureAwait(false);
            if (back.Done) { continue; }
            Add(present[i], back);
            if (i < asked) { stuck.Add(present[i]); }
        }
        return stuck.Count == 0
            ? Failed("all nodes go on with the configuration before")
            : Failed($"{string.Join(" and ", stuck)} could not be told to go back, and may run the new configuration: see 'exchangelb status'");
    }

    /// <summary>Right files of which there is nothing to say get no line.</summary>
    private bool Add(string node, CommandResult result)
    {
        if (result is { Done: true, Message.Length: 0 })
        {
            return true;
        }
        _said.Append(_said.Length > 0 ? "\n" : "").Append(CultureInfo.InvariantCulture, $"{node}: {result.Message.ReplaceLineEndings($"\n{node}: ")}");
        return result.Done;
    }

    private CommandResult Failed(string verdict) => CommandResult.Failed(_said.Append('\n').Append(verdict).ToString());
}
