using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Cluster.Engine.Corosync;
using Xunit;

namespace ExchangeLb.Cluster.Tests.Engine.Corosync;

[Collection(nameof(NamespaceTrio))]
[Trait("needs", "root")]
public sealed class CorosyncProcessTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(8);

    private readonly NamespaceTrio _trio;
    private readonly CorosyncProcess _process;

    public CorosyncProcessTests(NamespaceTrio trio)
    {
        CorosyncNamespaces.Require();
        _trio = trio;
        _process = trio[new NodeId(3)];
        Assert.True(Until(() => _process.Pid is { } pid && Notes(pid) > 0));
    }

    [Fact]
    public void A_Corosync_that_is_killed_runs_again_and_leaves_no_memory_behind()
    {
        int former = _process.Pid!.Value;
        long starts = _process.StartsTotal;
        Assert.NotEmpty(SharedMemory(former));

        _trio.SignalCorosync("KILL", new NodeId(3));

        Assert.True(Until(() => _process.Pid is { } pid && pid != former && Notes(pid) > 0));
        Assert.Equal(starts + 1, _process.StartsTotal);
        Assert.Empty(SharedMemory(former));
        Assert.Contains(_trio.Notes, note => note == "node3: corosync: Corosync does not run: it was killed by signal 9");
    }

    [Fact]
    public void Where_another_Corosync_runs_it_is_named_and_left_alone()
    {
        int running = _process.Pid!.Value;
        using CorosyncProcess second = _trio.NewProcess(_trio.Model.Nodes[2], "another");

        second.Start();

        Assert.True(Until(() => second.Problem is not null));
        Assert.Contains($"another Corosync runs on this host, process {running} with ", second.Problem, StringComparison.Ordinal);
        Assert.Equal(0, second.StartsTotal);
        Assert.Equal(running, _process.Pid);
    }

    [Fact]
    public void What_a_killed_host_left_running_makes_room()
    {
        int orphan = _process.Pid!.Value;
        using CorosyncProcess successor = _trio.NewProcess(_trio.Model.Nodes[2], "node3");

        successor.Start();

        Assert.True(Until(() => successor.StartsTotal == 1 || _process.StartsTotal > 1));
        Assert.True(Until(() => !Directory.Exists($"/proc/{orphan}")));
    }

    [Fact]
    public void It_ends_within_a_second()
    {
        using CorosyncProcess process = _trio.NewProcess(_trio.Model.Nodes[2], "node3");
        process.Start();
        Assert.True(Until(() => process.StartsTotal > 0 && process.Pid is not null));
        int pid = process.Pid!.Value;

        long start = Stopwatch.GetTimestamp();
        process.Dispose();

        Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.Zero, TimeSpan.FromMilliseconds(1300));
        Assert.False(Directory.Exists($"/proc/{pid}"));
    }

    private int Notes(int pid) => _trio.Notes.Count(note => note == $"node3: corosync: runs as process {pid}");

    private static string[] SharedMemory(int pid) =>
        [.. Directory.GetFileSystemEntries("/dev/shm", $"qb-corosync-{pid}-*"), .. Directory.GetFileSystemEntries("/dev/shm", $"qb-{pid}-*")];

    private static bool Until(Func<bool> condition) => SpinWait.SpinUntil(condition, Patience);
}
