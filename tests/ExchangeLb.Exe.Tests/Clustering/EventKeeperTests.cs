using System;
using System.Collections.Generic;
using System.IO;
using System.Threading.Tasks;
using ExchangeLb.Cluster.Events;
using ExchangeLb.Clustering;
using ExchangeLb.Core.Runtime;
using Xunit;

namespace ExchangeLb.Exe.Tests.Clustering;

public sealed class EventKeeperTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("event-keeper");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task What_happened_last_is_in_the_file_when_the_node_has_ended()
    {
        EventFile file = new(Path.Combine(_folder.FullName, "events"));
        EventKeeper? keeper = null;
        EventJournal journal = new(TimeProvider.System, _ => keeper!.Wake());
        keeper = new EventKeeper(file, journal.Copy, _ => { });
        keeper.Start();

        for (int i = 0; i < 20; i++) { journal.Write("note", $"{i}"); }
        await keeper.DisposeAsync();
        journal.Write("note", "too late");

        ClusterEvent last = file.Read()[^1];
        Assert.Equal((20, "19"), (file.Read().Length, last.Text));
    }

    [Fact]
    public async Task That_they_can_not_be_kept_is_said_once()
    {
        List<string> said = [];
        EventKeeper keeper = new(new EventFile(Path.Combine(_folder.FullName, "none", "events")), () => [], said.Add);
        keeper.Start();

        keeper.Wake();
        await keeper.DisposeAsync();
        keeper.Wake();

        Assert.Single(said);
    }
}
