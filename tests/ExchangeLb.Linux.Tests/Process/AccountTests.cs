using System.Runtime.CompilerServices;
using ExchangeLb.Linux.Process;
using Xunit;

namespace ExchangeLb.Linux.Tests.Process;

public sealed class AccountTests
{
    [Fact]
    public void Root_is_found_with_its_group()
    {
        Assert.Equal((0u, 0u), Account.FindUser("root"));
        Assert.Equal(0u, Account.FindGroup("root"));
    }

    [Fact]
    public void A_user_may_have_another_number_than_its_group()
    {
        // Debian's base-passwd: sync is user 4 in group 65534.
        Assert.Equal((4u, 65534u), Account.FindUser("sync"));
    }

    [Theory]
    [InlineData("no-such-account")]
    [InlineData("")]
    public void A_name_that_nobody_has_is_not_found(string name)
    {
        Assert.Null(Account.FindUser(name));
        Assert.Null(Account.FindGroup(name));
    }

    [Fact]
    public void The_layouts_are_those_of_glibc_on_64_bits()
    {
        Assert.Equal(48, Unsafe.SizeOf<Account.PasswordEntry>());
        Assert.Equal(32, Unsafe.SizeOf<Account.GroupEntry>());
    }
}
