using System;
using System.IO;
using System.Threading.Tasks;
using ExchangeLb.Admin;
using ExchangeLb.Admin.Tests.Fakes;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Runtime;
using ExchangeLb.Exe.Tests.EndToEnd;
using Xunit;

namespace ExchangeLb.Exe.Tests.Verbs;

/// <summary>A state folder with the control socket of a node, whose cluster is made up; the verbs are asked as processes of their own.</summary>
internal sealed class RunningNode : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("node");
    private readonly RuntimeSockets _sockets;

    public RunningNode(ClusterSnapshot? snapshot, RuntimeLevel level = RuntimeLevel.Admin)
    {
        Cluster = snapshot is null ? null : new FakeCluster(snapshot);
        // Commands about the cluster have no use for a balancer.
        _sockets = new RuntimeSockets(() => null!, TimeProvider.System, cluster: () => Cluster);
        Assert.Empty(_sockets.Open(new GlobalModel
        {
            StatsSockets = [new StatsSocketModel(Path.Combine(State, "control.sock"), null, default) { Level = level, FileMode = 0x180 }],
        }));
    }

    public string State => _folder.FullName;

    public FakeCluster? Cluster { get; }

    public (int Exit, string Output, string Error) Run(params string[] words) => RunProgram([.. words, "--state", State]);

    public static (int Exit, string Output, string Error) RunProgram(params string[] words)
    {
        using ProgramRun run = ProgramRun.Start(ProgramRun.ExchangeLb, "/", words, ("TZ", "UTC"));
        return (run.WaitExit(), run.Output, run.Error);
    }

    public async ValueTask DisposeAsync()
    {
        await _sockets.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
