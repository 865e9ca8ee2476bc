using System.Collections.Generic;
using ExchangeLb.Running;
using Xunit;

namespace ExchangeLb.Exe.Tests.Starting;

public sealed class ServiceBeatTests
{
    private readonly List<string> _told = [];
    private readonly ServiceBeat _beat;
    private bool _turns = true;
    private string _status = "owns 192.0.2.25";

    public ServiceBeatTests() => _beat = new ServiceBeat(() => _turns, () => _status, _told.Add);

    [Fact]
    public void The_watchdog_is_fed_while_the_loops_turn()
    {
        _beat.Tick();
        _beat.Tick();

        Assert.Equal(["STATUS=owns 192.0.2.25", "WATCHDOG=1", "WATCHDOG=1"], _told);
    }

    [Fact]
    public void A_loop_that_hangs_leaves_it_hungry()
    {
        _turns = false;

        _beat.Tick();

        Assert.DoesNotContain("WATCHDOG=1", _told);
    }

    [Fact]
    public void What_has_changed_is_said_once()
    {
        _beat.Tick();
        _status = "stands by";
        _beat.Tick();
        _beat.Tick();

        Assert.Equal(["STATUS=owns 192.0.2.25", "STATUS=stands by"], _told.FindAll(line => line.StartsWith('S')));
    }
}
