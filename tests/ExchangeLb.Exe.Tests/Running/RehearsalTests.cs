using System;
using ExchangeLb.Running;
using Xunit;

namespace ExchangeLb.Exe.Tests.Running;

public sealed class RehearsalTests
{
    [Fact]
    public void All_sessions_of_a_rehearsal_come_to_their_end() => Assert.Equal(Rehearsal.Sessions, Rehearsal.Run());

    [Fact]
    public void A_rehearsal_that_fails_ends_nothing_else()
    {
        Assert.Equal(0, Rehearsal.Run((_, _, _) => null));
        Assert.Equal(0, Rehearsal.Run((_, _, _) => throw new InvalidOperationException("epoll_create1: EMFILE (Too many open files)")));
    }
}
