using System;
using System.Collections.Concurrent;
using System.IO;
using System.Threading.Tasks;
using ExchangeLb.Clustering;
using ExchangeLb.Exe.Tests.EndToEnd;
using Xunit;

namespace ExchangeLb.Exe.Tests.Clustering;

public sealed class HookRunnerTests : IDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);
    private static readonly HookEvent Acquired = new("acquired", "192.168.200.25", "lb1", "lb1", "the owner died");

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hook");
    private readonly BlockingCollection<string> _complaints = [];

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task The_hook_finds_the_event_in_its_environment()
    {
        string said = Path.Combine(_folder.FullName, "said");
        HookRunner hook = new($"echo \"$EXCHANGELB_EVENT $EXCHANGELB_VIP $EXCHANGELB_OWNER $EXCHANGELB_NODE $EXCHANGELB_REASON\" > {said}", _complaints.Add);

        hook.Tell(Acquired);
        Eventually.True(() => File.Exists(said) && File.ReadAllText(said).EndsWith('\n'), "the hook has written");   // at its end a balancer is less patient
        await hook.DisposeAsync();

        Assert.Equal("acquired 192.168.200.25 lb1 lb1 the owner died\n", await File.ReadAllTextAsync(said));
        Assert.Empty(_complaints);
    }

    [Fact]
    public async Task A_hook_that_fails_is_complained_of()
    {
        await using HookRunner hook = new("exit 3", _complaints.Add);

        hook.Tell(Acquired);

        Assert.True(_complaints.TryTake(out string? complaint, Bound));
        Assert.Equal("hook: ended with exit code 3: exit 3", complaint);
    }

    [Fact]
    public async Task A_hook_that_hangs_ends_with_the_balancer_at_the_latest()
    {
        string started = Path.Combine(_folder.FullName, "started");
        HookRunner hook = new($"touch {started}; exec sleep 600", _complaints.Add);
        hook.Tell(Acquired);
        Eventually.True(() => File.Exists(started), "the hook runs");

        await hook.DisposeAsync();

        Assert.True(_complaints.TryTake(out string? complaint, Bound));
        Assert.StartsWith("hook: killed", complaint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task When_too_many_wait_further_events_are_dropped_and_counted()
    {
        HookRunner hook = new($"while [ ! -e {_folder.FullName}/go ]; do :; done", _complaints.Add);

        for (int i = 0; i < HookRunner.WaitingMax + 10; i++)
        {
            hook.Tell(Acquired);
        }

        Assert.InRange(hook.DroppedTotal, 9, 10);
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "go"), "");
        await hook.DisposeAsync();
    }

    [Fact]
    public async Task Without_a_hook_nothing_waits()
    {
        HookRunner hook = new(null, _complaints.Add);

        for (int i = 0; i < 1000; i++)
        {
            hook.Tell(Acquired);
        }

        Assert.Equal(0, hook.DroppedTotal);
        await hook.DisposeAsync();
    }
}
