using System.Collections.Generic;
using System.Threading.Tasks;
using ExchangeLb.Core.Runtime;

namespace ExchangeLb.Admin.Tests.Fakes;

/// <summary>A cluster that does nothing but remember what it was told, and answers what the test wants it to.</summary>
internal sealed class FakeCluster(ClusterSnapshot snapshot) : IClusterRuntime
{
    /// <summary>Each call in words, in order.</summary>
    public List<string> Calls { get; } = [];

    public Task<CommandResult> Answer { get; set; } = Task.FromResult(CommandResult.Ok);

    public ClusterSnapshot Snapshot() => snapshot;

    public Task<CommandResult> Switchover(string? node, string? vip) => Note($"switchover {node ?? "any"} {vip ?? "all"}");

    public Task<CommandResult> SetStandby(string? node, bool standby) => Note($"{(standby ? "standby" : "unstandby")} {node ?? "self"}");

    public Task<CommandResult> Reload(bool all) => Note(all ? "reload all" : "reload");

    private Task<CommandResult> Note(string call)
    {
        Calls.Add(call);
        return Answer;
    }
}
