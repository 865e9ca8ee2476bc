using System.Globalization;
using ExchangeLb.Linux.Process;
using Xunit;

namespace ExchangeLb.Linux.Tests.Process;

public sealed class SpawnTests
{
    [Theory]
    [InlineData("exit 0", 0)]
    [InlineData("exit 7", 7)]
    [InlineData("kill -9 $$", 137)]
    public void The_exit_of_a_child_is_told_as_a_shell_tells_it(string script, int expected)
    {
        (int read, int write) = ReadinessPipe.Create()!.Value;

        int error = Spawn.InOwnSession("/bin/sh", ["sh", "-c", script], [], write, out int pid);
        int exit = Spawn.WaitExit(pid);

        Assert.Equal(0, error);
        Assert.Equal(expected, exit);
        ReadinessPipe.Close(read);
        ReadinessPipe.Close(write);
    }

    [Fact]
    public void A_program_that_is_not_there_is_an_error_number()
    {
        int error = Spawn.InOwnSession("/nonexistent", ["x"], [], 2, out _);

        Assert.Equal(2, error); // ENOENT
    }

    [Theory]
    [InlineData("printf x >/proc/self/fd/{0}", true)]
    [InlineData("exit 0", false)]
    public void The_parent_learns_whether_the_child_became_ready_before_it_ended(string script, bool expected)
    {
        (int read, int write) = ReadinessPipe.Create()!.Value;
        string filled = string.Format(CultureInfo.InvariantCulture, script, write);

        Spawn.InOwnSession("/bin/sh", ["sh", "-c", filled], [], write, out int pid);
        ReadinessPipe.Close(write);
        bool ready = ReadinessPipe.WaitReady(read);

        Assert.Equal(expected, ready);
        Spawn.WaitExit(pid);
        ReadinessPipe.Close(read);
    }

    [Theory]
    [InlineData("test \"$(ps -o sid= -p $$ | tr -d ' ')\" = $$")]
    [InlineData("test \"$MARK\" = 'a b'")]
    [InlineData("test ! -e /proc/$$/fd/{0}")]
    public void The_child_has_a_session_the_given_environment_and_only_the_kept_descriptor(string condition)
    {
        (int read, int write) = ReadinessPipe.Create()!.Value;
        string filled = string.Format(CultureInfo.InvariantCulture, condition, read);

        Spawn.InOwnSession("/bin/sh", ["sh", "-c", filled], ["MARK=a b", "PATH=/bin:/usr/bin"], write, out int pid);

        Assert.Equal(0, Spawn.WaitExit(pid));
        ReadinessPipe.Close(read);
        ReadinessPipe.Close(write);
    }
}
