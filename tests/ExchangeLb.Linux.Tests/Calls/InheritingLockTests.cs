using System;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using ExchangeLb.Linux.Calls;
using ExchangeLb.Linux.Clocks;
using Xunit;

namespace ExchangeLb.Linux.Tests.Calls;

public sealed class InheritingLockTests
{
    private readonly InheritingLock _lock = new();
    private int _count;

    [Fact]
    public void One_thread_has_it_at_a_time()
    {
        const int Threads = 4, Each = 50_000;
        Thread[] threads = [.. Enumerable.Range(0, Threads).Select(_ => new Thread(() =>
        {
            for (int i = 0; i < Each; i++)
            {
                using (_lock.Enter()) { _count++; }
            }
        })
        { IsBackground = true })];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());

        Assert.Equal(Threads * Each, _count);
    }

    [Fact]
    public void Who_has_it_does_not_take_it_twice()
    {
        using (_lock.Enter())
        {
            Assert.Contains("EDEADLK", Assert.Throws<InvalidOperationException>(() => _lock.Enter().Dispose()).Message, StringComparison.Ordinal);
        }
        using (_lock.Enter()) { _count++; }
        Assert.Equal(1, _count);
    }

    /// <summary>Where this user may have real-time threads: the holder is one, too, as long as one waits for it.</summary>
    [Fact]
    public void Who_has_it_runs_at_the_priority_of_who_waits()
    {
        using ManualResetEventSlim asked = new();
        bool allowed = false;
        Thread waiter = new(() =>
        {
            allowed = RealTime.RequestRoundRobin(7).Ok;
            asked.Set();
            if (allowed)
            {
                using (_lock.Enter()) { _count++; }
            }
        })
        { IsBackground = true };

        int own = RealTime.CurrentThread, normal = PriorityOf(own), inherited = normal;
        using (_lock.Enter())
        {
            waiter.Start();
            asked.Wait();
            Assert.True(!allowed || SpinWait.SpinUntil(() => (inherited = PriorityOf(own)) != normal, TimeSpan.FromSeconds(20)), "nobody's priority was inherited");
        }
        waiter.Join();

        Assert.Equal(allowed ? -1 - 7 : normal, inherited);
        Assert.Equal(normal, PriorityOf(own));
        Assert.Equal(allowed ? 1 : 0, _count);
    }

    /// <summary>Field 18 of proc_pid_stat(5): of a real-time thread minus one minus its priority.</summary>
    private static int PriorityOf(int thread)
    {
        string line = File.ReadAllText($"/proc/self/task/{thread}/stat");
        return int.Parse(line[(line.LastIndexOf(')') + 2)..].Split(' ')[18 - 3], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
    }
}
