using System.Threading.Tasks;
using ExchangeLb.Loopback.Tests.Balancers;
using ExchangeLb.Loopback.Tests.Fakes;
using ExchangeLb.Proxy.Loops;
using Xunit;

namespace ExchangeLb.Loopback.Tests.Life;

/// <summary>What a lease thread learns of the loops.</summary>
public sealed class LoopHeartbeatTests
{
    [Theory, InlineData(1), InlineData(2)]
    public void Loops_that_sleep_answer_when_nudged(int loops)
    {
        using Site site = Start(loops);
        LoopHeartbeat heartbeat = site.Balancer.MakeHeartbeat();
        for (int i = 0; i < 3; i++)
        {
            Until.True(() => heartbeat.Nudge() == 0, "all loops have turned since the last nudge");
        }
    }

    [Fact]
    public async Task A_loop_that_has_ended_leaves_every_nudge_unanswered()
    {
        using Site site = Start(loops: 2);
        LoopHeartbeat heartbeat = site.Balancer.MakeHeartbeat();
        Until.True(() => heartbeat.Nudge() == 0, "all loops have turned");
        site.Balancer.Stop();
        await site.Balancer.Completion.WaitAsync(Until.Patience);
        heartbeat.Nudge();
        int before = heartbeat.Nudge();
        Assert.Equal(before + 1, heartbeat.Nudge());
    }

    private static Site Start(int loops) => Site.Start("listen web\n    bind FRONT\n", loops);
}
