using ExchangeLb.Linux.Process;
using Xunit;

namespace ExchangeLb.Linux.Tests.Process;

public sealed class SignalsTests
{
    [Fact]
    public void A_signal_ends_the_process_that_it_is_sent_to()
    {
        Spawn.InOwnSession("/bin/sleep", ["sleep", "60"], [], 2, out int pid);

        bool sent = Signals.Send(pid, Signal.SIGTERM);

        Assert.True(sent);
        Assert.Equal(128 + 15, Spawn.WaitExit(pid));
    }

    [Fact]
    public void A_process_that_is_not_there_is_not_signalled() => Assert.False(Signals.Send(int.MaxValue, Signal.SIGUSR1));
}
