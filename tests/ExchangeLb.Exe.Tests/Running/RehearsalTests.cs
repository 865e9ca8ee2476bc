using System;
using ExchangeLb.Linux.Repair;
using ExchangeLb.Running;
using Xunit;

namespace ExchangeLb.Exe.Tests.Running;

public sealed class RehearsalTests
{
    [Fact]
    public void All_sessions_of_a_rehearsal_come_to_their_end_and_one_is_recorded_and_moved()
    {
        bool moves = RepairSupport.Probe().Works;

        Rehearsed done = Rehearsal.Run();

        Assert.Equal((Rehearsal.Sessions, moves ? Rehearsal.Moves : 0), (done.Sessions, done.Moved));
        Assert.True(done.Recorded > 0 || !moves, "nothing was recorded");
    }

    [Fact]
    public void A_rehearsal_that_fails_ends_nothing_else()
    {
        Assert.Equal(0, Rehearsal.Run((_, _, _) => null).Sessions);
        Assert.Equal(0, Rehearsal.Run((_, _, _) => throw new InvalidOperationException("epoll_create1: EMFILE (Too many open files)")).Sessions);
    }
}
