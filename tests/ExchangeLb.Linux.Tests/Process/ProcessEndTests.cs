using System;
using System.Diagnostics;
using System.Threading;
using ExchangeLb.Linux.Process;
using Xunit;

namespace ExchangeLb.Linux.Tests.Process;

public sealed class ProcessEndTests
{
    [Fact]
    public void A_process_that_lives_can_do_something() => Assert.False(ProcessEnd.CanDoNothing(Environment.ProcessId));

    [Fact]
    public void One_that_is_not_there_can_do_nothing() => Assert.True(ProcessEnd.CanDoNothing(int.MaxValue));

    [Fact]
    public void One_that_was_killed_and_that_nobody_has_waited_for_can_do_nothing()
    {
        // The shell becomes a program that does not wait for its child.
        using System.Diagnostics.Process parent = System.Diagnostics.Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "sleep 60 & echo $!; exec sleep 60"]) { RedirectStandardOutput = true })!;
        try
        {
            int child = int.Parse(parent.StandardOutput.ReadLine()!, System.Globalization.CultureInfo.InvariantCulture);
            Assert.False(ProcessEnd.CanDoNothing(child));

            using System.Diagnostics.Process process = System.Diagnostics.Process.GetProcessById(child);
            process.Kill();

            Assert.True(SpinWait.SpinUntil(() => ProcessEnd.CanDoNothing(child), TimeSpan.FromSeconds(10)));
        }
        finally
        {
            parent.Kill(entireProcessTree: true);
        }
    }
}
