using ExchangeLb.Linux.Calls;
using Xunit;

namespace ExchangeLb.Linux.Tests.Calls;

public sealed class SysResultTests
{
    [Fact]
    public void A_value_and_an_error_are_told_apart()
    {
        SysResult none = default;
        Assert.True(none.Ok);
        Assert.Equal((0L, Errno.None, false), (none.Value, none.Error, none.WouldBlock));
        var again = SysResult.FromError(Errno.EAGAIN);
        Assert.True(again.Failed && again.WouldBlock && again.Value < 0);
        Assert.Equal(Errno.EAGAIN, again.Error);
        Assert.Equal(again, SysResult.FromError(Errno.EAGAIN));
        Assert.NotEqual(again, none);
        Assert.Equal("EAGAIN", again.ToString());
    }

    [Theory]
    [InlineData(Errno.EMFILE, 24)]
    [InlineData(Errno.ECONNREFUSED, 111)]
    [InlineData(Errno.ETIMEDOUT, 110)]
    [InlineData(Errno.EINPROGRESS, 115)]
    [InlineData(Errno.EADDRNOTAVAIL, 99)]
    public void Error_numbers_are_those_of_Linux(Errno error, int number) => Assert.Equal(number, (int)error);      // errno(3)
}
