using System.Globalization;
using System.IO;
using System.Threading;
using ExchangeLb.Linux.Calls;
using ExchangeLb.Linux.Clocks;
using Xunit;

namespace ExchangeLb.Linux.Tests.Clocks;

public sealed class RealTimeTests
{
    private const int Normal = 0;
    private const int RoundRobin = 2;

    [Fact]
    public void Another_thread_is_made_real_time_and_like_all_others_again()
    {
        using ManualResetEventSlim known = new(), over = new();
        int id = 0;
        Thread thread = new(() =>
        {
            id = RealTime.CurrentThread;
            known.Set();
            over.Wait();
        })
        { IsBackground = true };
        thread.Start();
        known.Wait();
        Assert.NotEqual(0, id);
        Assert.NotEqual(RealTime.CurrentThread, id);

        SysResult result = RealTime.RequestRoundRobin(3, id);
        int policy = PolicyOf(id);
        SysResult back = RealTime.GiveUp(id);
        int policyAfter = PolicyOf(id);
        over.Set();

        Assert.True(result.Ok || result.Error == Errno.EPERM, result.Describe());
        Assert.Equal(result.Ok ? RoundRobin : Normal, policy);
        Assert.True(back.Ok, back.Describe());
        Assert.Equal(Normal, policyAfter);
    }

    [Fact]
    public void A_thread_that_there_is_not_is_refused() => Assert.Equal(Errno.ESRCH, RealTime.GiveUp(int.MaxValue).Error);

    /// <summary>Field 41 of proc_pid_stat(5); the second one, in brackets, may hold blanks.</summary>
    private static int PolicyOf(int thread)
    {
        string line = File.ReadAllText($"/proc/self/task/{thread}/stat");
        return int.Parse(line[(line.LastIndexOf(')') + 2)..].Split(' ')[41 - 3], CultureInfo.InvariantCulture);
    }
}
