using ExchangeLb.Running;
using Xunit;

namespace ExchangeLb.Exe.Tests.Running;

public sealed class RehearsalTests
{
    [Fact]
    public void All_sessions_of_a_rehearsal_come_to_their_end() => Assert.Equal(Rehearsal.Sessions, Rehearsal.Run());
}
