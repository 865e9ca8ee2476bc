using System;
using System.Collections.Generic;
using System.Net;
using System.Threading.Tasks;
using ExchangeLb.Admin.Commands;
using ExchangeLb.Admin.Tests.Fakes;
using ExchangeLb.Admin.Text;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Runtime;
using Xunit;

namespace ExchangeLb.Admin.Tests.Commands;

/// <summary>`show table` on a million entries.</summary>
public sealed class LargeTableTests : IDisposable
{
    private const int EntryCount = 1_000_000;

    private static readonly IPAddress Key = IPAddress.Parse("2001:db8:1111:2222:3333:4444:5555:6666");

    private readonly FakeLoadBalancer _balancer = new(Scene.EveryState());
    private readonly Utf8Writer _output = new();
    private int _entriesRead;
    private long _bytesSent;
    private int _longestPiece;

    public LargeTableTests() => _balancer.Streamed = Entries();

    public void Dispose() => _output.Dispose();

    [Fact]
    public void It_takes_no_memory()
    {
        long before = GC.GetAllocatedBytesForCurrentThread();

        ValueTask running = ShowTable.WriteAsync(Call("e2k13", Take));

        Assert.True(running.IsCompletedSuccessfully);   // so all that it allocated was allocated by this thread
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
        Assert.Equal(EntryCount, _entriesRead);
        Assert.InRange(_bytesSent, 60L * EntryCount, 160L * EntryCount);
        Assert.InRange(_longestPiece, CommandLimits.FlushBytes, CommandLimits.FlushBytes + 256);
    }

    [Fact]
    public void It_is_read_no_faster_than_the_client_takes_it()
    {
        var taken = new TaskCompletionSource();

        ValueTask running = ShowTable.WriteAsync(Call("e2k13", () => new ValueTask(taken.Task)));

        Assert.False(running.IsCompleted);
        Assert.InRange(_entriesRead, 1, CommandLimits.FlushBytes / 60);
    }

    private CommandCall Call(string table, Func<ValueTask> send) =>
        new([table], _balancer, new CommandSession(RuntimeLevel.Admin, TimeSpan.FromSeconds(10)), new FakeTime(), _output, send);

    private ValueTask Take()
    {
        _longestPiece = Math.Max(_longestPiece, _output.Length);
        _bytesSent += _output.Length;
        _output.Clear();
        return ValueTask.CompletedTask;
    }

    private IEnumerable<StickEntrySnapshot> Entries()
    {
        while (_entriesRead < EntryCount)
        {
            _entriesRead++;
            yield return new StickEntrySnapshot(Key, 1, "exchange1", TimeSpan.FromSeconds(1), 0);
        }
    }
}
