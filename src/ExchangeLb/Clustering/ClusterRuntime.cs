using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net;
using System.Threading;
using System.Threading.Tasks;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Cluster.Moving;
using ExchangeLb.Cluster.Orders;
using ExchangeLb.Cluster.Ownership;
using ExchangeLb.Cluster.Reports;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Runtime;

namespace ExchangeLb.Clustering;

/// <summary>What administrators ask of the cluster, done here or sent to the node that can do it.</summary>
/// <param name="reloads">This node's own reload, in its two phases.</param>
/// <param name="report">Sends the other nodes a report of how this one is now, and comes back when it is sent.</param>
internal sealed class ClusterRuntime(
    ClusterParts parts, ClusterSnapshots snapshots, LeaseThread lease, OwnershipNode ownership, OrderDesk desk, IReloads reloads, Func<CancellationToken, Task> report)
    : IClusterRuntime
{
    private static readonly TimeSpan MovesWithin = TimeSpan.FromSeconds(20);

    /// <summary>An order is answered after that, whatever the other nodes have heard.</summary>
    private static readonly TimeSpan HeardWithin = TimeSpan.FromSeconds(2);
    private volatile bool _standby = File.Exists(parts.Setup.Paths.Standby);

    private ClusterSetup Setup => parts.Setup;

    public bool IsStandby => _standby;

    public ClusterSnapshot Snapshot() => snapshots.Build();

    public async Task<CommandResult> Switchover(string? node, string? vip)
    {
        ClusterNodeModel? target = null;
        if (node is not null && (target = Setup.Find(node)) is null)
        {
            return CommandResult.Failed($"there is no node '{node}' in {Setup.Paths.ClusterFile}; it has {Names()}");
        }
        if (!TryFindVips(vip, out List<int> vips, out string problem))
        {
            return CommandResult.Failed(problem);
        }
        // All at once: one after the other they could take longer than whoever asked for it waits.
        CommandResult[] moves = await Task.WhenAll(vips.Select(index => MoveAsync(index, target, parts.Listener.Objection))).ConfigureAwait(false);
        return new CommandResult(Array.TrueForAll(moves, moved => moved.Done), string.Join('\n', moves.Select(moved => moved.Message)));
    }

    public async Task<CommandResult> SetStandby(string? node, bool standby)
    {
        ClusterNodeModel target = Setup.Self;
        if (node is not null && (Setup.Find(node) is not { } found || (target = found) is null))
        {
            return CommandResult.Failed($"there is no node '{node}' in {Setup.Paths.ClusterFile}; it has {Names()}");
        }
        if (target.Id != Setup.Self.Id)
        {
            return await desk.AskAsync(new NodeId(target.Id), target.Name, standby ? OrderKind.Standby : OrderKind.Unstandby).ConfigureAwait(false);
        }
        try
        {
            if (standby)
            {
                await File.WriteAllTextAsync(Setup.Paths.Standby, "").ConfigureAwait(false);
            }
            else
            {
                File.Delete(Setup.Paths.Standby);
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return CommandResult.Failed($"{Setup.Paths.Standby}: {failure.Message}");
        }
        _standby = standby;
        if (!lease.Post(() => ownership.SetStandby(standby)))
        {
            return CommandResult.Failed("this node's lease thread takes no orders now; try again");
        }
        string said = !standby ? "out of standby"
            : Setup.Paths.StandbyOutlivesHost ? "in standby until 'exchangelb unstandby'"
            : $"in standby until 'exchangelb unstandby' or a restart of its host ({Setup.Paths.Standby} does not outlive one)";
        parts.Journal.Write("standby", $"{target.Name} (this node) is {said}");
        string moved = standby ? await MoveOwnAsync().ConfigureAwait(false) : "";
        await TellAsync().ConfigureAwait(false);
        return new CommandResult(true, $"{target.Name} is {said}{moved}");
    }

    /// <summary>A standby that has no other node to leave to keeps what it has; that is said, and no failure.</summary>
    private async Task<string> MoveOwnAsync()
    {
        string? alsoInStandby = FailoverOutlook.AllInStandby(Snapshot());
        int[] own = [.. Enumerable.Range(0, Setup.Model.Vips.Length).Where(vip => !Setup.Model.Vips[vip].IsGone && Stand(vip).Owner == Setup.SelfId)];
        string[] said = await Task.WhenAll(own.Select(async vip =>
            alsoInStandby is { } others ? KeepInStandby(vip, others) : (await MoveAsync(vip, null, (_, _) => null).ConfigureAwait(false)).Message)).ConfigureAwait(false);
        return string.Concat(said.Select(line => "\n" + line));
    }

    /// <summary>Somebody must serve, and a move would only be a break.</summary>
    private string KeepInStandby(int vip, string others)
    {
        string said = $"{Setup.Self.Name} goes on serving {Setup.Model.Vips[vip].Address}: {others} in standby, too, and nobody else can";
        parts.Journal.Write("standby", said);
        return said;
    }

    public async Task<CommandResult> Reload(bool all)
    {
        if (!all)
        {
            return await ToldAsync(reloads.Reload()).ConfigureAwait(false);
        }
        if (parts.Mail.View is not { } view)
        {
            return CommandResult.Failed("this node is not in the cluster now; 'exchangelb reload' without --all reloads it alone");
        }
        ClusterNodeModel[] others = [.. Setup.Model.Nodes.Where(node => node.Id != Setup.Self.Id)];
        ILookup<bool, string> there = others.ToLookup(node => view.Members.Contains(new NodeId(node.Id)), node => node.Name);
        CommandResult result = await new ReloadEverywhere(Setup.Self.Name, reloads, (node, order) => Ask(new NodeId(Setup.Find(node)!.Id), order))
            .RunAsync([.. there[true]], [.. there[false]]).ConfigureAwait(false);
        return await ToldAsync(result).ConfigureAwait(false);
    }

    private async Task<CommandResult> ToldAsync(CommandResult result)
    {
        await TellAsync().ConfigureAwait(false);
        return result;
    }

    /// <summary>After an order: the other nodes know of it, so that a status asked right now says how things are. A node's messages come in the order in which it sent them.</summary>
    private async Task TellAsync()
    {
        using CancellationTokenSource late = new(HeardWithin);
        await report(late.Token).ConfigureAwait(false);
        IEnumerable<NodeId> others = parts.Mail.View?.Members.Where(node => node != Setup.SelfId) ?? [];
        await ((Task)Task.WhenAll(others.Select(other => Ask(other, OrderKind.Hear)))).WaitAsync(late.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>What another node's administrator asked for.</summary>
    public Task<CommandResult> Obey(Order order) => order.Kind switch
    {
        OrderKind.Switchover => Switchover(order.Second.Length > 0 ? order.Second : null, order.First.Length > 0 ? order.First : null),
        OrderKind.Standby => SetStandby(null, true),
        OrderKind.Unstandby => SetStandby(null, false),
        OrderKind.PrepareReload => Task.FromResult(reloads.Prepare()),
        OrderKind.ApplyReload => ToldAsync(reloads.Apply()),
        OrderKind.ForgetReload => Task.FromResult(reloads.Forget()),
        OrderKind.RevertReload => ToldAsync(reloads.Revert()),
        OrderKind.Hear => Task.FromResult(CommandResult.Ok),
        _ => Task.FromResult(CommandResult.Failed($"{Setup.Self.Name} runs an earlier release and does not know this order")),
    };

    private Task<CommandResult> Ask(NodeId other, OrderKind kind, string first = "", string second = "") =>
        desk.AskAsync(other, Setup.NameOf(other), kind, first, second);

    /// <param name="objection">Why this VIP is not moved to this node after all; null: it is.</param>
    private async Task<CommandResult> MoveAsync(int vip, ClusterNodeModel? target, Func<int, NodeId, string?> objection)
    {
        string address = Setup.Model.Vips[vip].Address.ToString();
        if (Stand(vip).Owner is not { } owner)
        {
            return CommandResult.Failed($"nobody owns {address} now; see 'exchangelb events'");
        }
        if (target is not null && owner.Value == target.Id)
        {
            return new CommandResult(true, $"{target.Name} owns {address} already");
        }
        if (owner != Setup.SelfId)
        {
            return await Ask(owner, OrderKind.Switchover, address, target?.Name ?? "").ConfigureAwait(false);
        }
        if (!_standby && FailoverOutlook.InStandby(Snapshot(), target?.Name) is { } inStandby)
        {
            return CommandResult.Failed($"{address} was not moved: {inStandby} in standby; 'exchangelb unstandby' there first");
        }
        bool hadConnections = parts.Listener.HasConnections(vip);
        int movesBefore = parts.Moving?.Record(vip).BegunTotal ?? 0;
        TaskCompletionSource<string?> begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        NodeId? to = target is null ? null : new NodeId(target.Id);
        if (!lease.Post(() => begun.SetResult(ownership.HandOver(vip, to, out string reason, node => objection(vip, node)) ? null : reason)))
        {
            return CommandResult.Failed("this node's lease thread takes no orders now");
        }
        if (await begun.Task.ConfigureAwait(false) is { } refusal)
        {
            return CommandResult.Failed($"{address} was not moved: {refusal}");
        }
        return await OwnedByAnotherAsync(vip, address, movesBefore, hadConnections).ConfigureAwait(false);
    }

    private async Task<CommandResult> OwnedByAnotherAsync(int vip, string address, int movesBefore, bool hadConnections)
    {
        TimeSpan started = parts.Clock.Now;
        bool gone = false;
        while (parts.Clock.Now - started < MovesWithin)
        {
            NodeId? owner = Stand(vip).Owner;
            if (owner is { } other && other != Setup.SelfId)
            {
                MoveOutcome? moved = await MovedAsync(vip, movesBefore, started + MovesWithin).ConfigureAwait(false);
                string standby = parts.Reports.Find(other, out _) is { Standby: true } ? "; it is in standby, too" : "";
                return new CommandResult(true, $"{Setup.NameOf(other)} owns {address}{standby}{(moved is null && hadConnections ? Words(other) : Words(moved))}");
            }
            gone |= Stand(vip).Role != VipRole.Owner;
            if (gone && Stand(vip).Role == VipRole.Owner)
            {
                MoveOutcome? moved = await MovedAsync(vip, movesBefore, started + MovesWithin).ConfigureAwait(false);
                return moved is { Trouble: { } trouble }
                    ? CommandResult.Failed($"{address} was not moved, for its connections would have ended: {trouble}")
                    : CommandResult.Failed($"{address} came back to {Setup.Self.Name}: the other node did not take it");
            }
            await Task.Delay(2).ConfigureAwait(false);
        }
        return CommandResult.Failed($"{address}: no other node has taken it within {MovesWithin.TotalSeconds:0} s");
    }

    /// <summary>What came of the move that began with the hand-over; null: there was none, or it has not ended in time.</summary>
    private async Task<MoveOutcome?> MovedAsync(int vip, int movesBefore, TimeSpan until)
    {
        if (parts.Moving?.Record(vip) is not { } record || record.BegunTotal == movesBefore)
        {
            return null;
        }
        while (record.IsMoving && parts.Clock.Now < until)
        {
            await Task.Delay(2).ConfigureAwait(false);
        }
        return record.IsMoving ? null : record.Last;
    }

    /// <summary>No move was begun.</summary>
    private string Words(NodeId owner) => parts.Listener.WhyTheyEnd(owner) is not { } why ? ""
        : parts.Listener.EndsThem(owner) ? $"; its connections ended: {why}"
        : DidNotGo(why);

    private string DidNotGo(string why) =>
        $"; its connections did not go along ({why}): {(parts.Recording is { IsOn: true } ? "quiet ones that are recorded go on there, the others" : "they")} ended";

    private string Words(MoveOutcome? moved) => moved switch
    {
        null => "",
        { Trouble: { } trouble } => DidNotGo(trouble),
        { Left: > 0 } => $"; {MoveRecord.Connections(moved.Moved)} moved, frozen for {moved.Frozen.TotalMilliseconds:0} ms, {moved.Left} ended",
        _ => $"; {MoveRecord.Connections(moved.Moved)} moved, frozen for {moved.Frozen.TotalMilliseconds:0} ms",
    };

    private VipOwnership Stand(int vip) => parts.Ownership.Read().Vips is { } vips && vip < vips.Length ? vips[vip] : default;

    private string Names() => string.Join(", ", Setup.Model.Nodes.Select(configured => configured.Name));

    private bool TryFindVips(string? vip, out List<int> found, out string problem)
    {
        problem = "";
        found = [.. Enumerable.Range(0, Setup.Model.Vips.Length).Where(place => !Setup.Model.Vips[place].IsGone)];
        if (vip is null)
        {
            return true;
        }
        string address = vip.Split('/')[0];
        found = [.. found.Where(index => IPAddress.TryParse(address, out IPAddress? wanted) && Setup.Model.Vips[index].Address.Equals(wanted))];
        problem = $"there is no vip '{vip}' in {Setup.Paths.ClusterFile}; it has {string.Join(", ", Setup.Model.PresentVips.Select(known => known.Address))}";
        return found.Count > 0;
    }
}
