using System.Linq;
using System.Net;
using System.Text;
using ExchangeLb.Core.Health;
using ExchangeLb.Core.Model;
using FsCheck.Xunit;
using Xunit;

namespace ExchangeLb.Core.Tests.Health;

public sealed class ServerHealthStateTests
{
    /// <summary>
    /// Results (+ passed, - failed) and what HAProxy 2.6.12 made of them: D went down, U came up, c counted, . nothing new. Recorded
    /// with fall 3 and rise 2; a new server stands before its first check.
    /// </summary>
    [Theory]
    [InlineData("-", "D")]
    [InlineData("+---", "cccD")]
    [InlineData("+--+---", "ccccccD")]
    [InlineData("+++--", "c..cc")]
    [InlineData("-+-++", "DcccU")]
    [InlineData("--+", "D.c")]
    [InlineData("-++---", "DcUccD")]
    public void Contrary_results_add_up_and_one_that_agrees_wipes_them_out(string results, string changes)
    {
        ServerHealthState health = new(Server(rise: 2, fall: 3));

        StringBuilder seen = new();
        foreach (char result in results)
        {
            seen.Append(Letter(health.Observe(result == '+')));
        }

        Assert.Equal(changes, seen.ToString());
    }

    [Theory]
    [InlineData("+", 2, 5, true, 0)]
    [InlineData("++--", 2, 5, true, 2)]
    [InlineData("++--", 2, 2, true, 1)]
    [InlineData("-", 3, 3, false, 0)]
    [InlineData("-+", 4, 3, false, 1)]
    [InlineData("-+", 1, 3, false, 0)]
    public void On_another_scale_it_is_what_it_was_with_what_speaks_against_it(string results, int rise, int fall, bool up, int contrary)
    {
        ServerHealthState health = new(Server(rise: 2, fall: 3));
        foreach (char result in results)
        {
            health.Observe(result == '+');
        }

        health.Rescale(rise, fall);

        Assert.Equal((up, contrary), (health.IsUp, health.ContraryChecks));
        Assert.InRange(health.Counter, 0, rise + fall - 1);
    }

    [Fact]
    public void A_server_begins_up_but_one_failed_check_away_from_down()
    {
        ServerHealthState health = new(Server(rise: 2, fall: 3));

        Assert.True(health.IsUp);
        Assert.False(health.IsSure);
        Assert.Equal((1, 3), (health.StatusCount, health.StatusScale));
        Assert.Equal(HealthChange.WentDown, health.Observe(false));
        Assert.Equal((0, 2), (health.StatusCount, health.StatusScale));
    }

    /// <summary>`status: 2/3 UP` and so on, as recorded.</summary>
    [Fact]
    public void The_status_tells_how_far_the_server_is_from_changing()
    {
        ServerHealthState health = new(Server(rise: 2, fall: 3));

        string[] seen = [.. "+---++".Select(result =>
        {
            health.Observe(result == '+');
            return $"{health.StatusCount}/{health.StatusScale} {(health.IsUp ? "UP" : "DOWN")}";
        })];

        Assert.Equal(["3/3 UP", "2/3 UP", "1/3 UP", "0/2 DOWN", "1/2 DOWN", "3/3 UP"], seen);
    }

    [Fact]
    public void Failures_are_counted_until_the_server_is_surely_down()
    {
        ServerHealthState health = new(Server(rise: 3, fall: 2));

        foreach (char result in "+------+-+-")
        {
            health.Observe(result == '+');
        }

        Assert.Equal(4, health.FailedTotal);
    }

    [Fact]
    public void The_administrator_can_force_it_and_put_it_on_trial()
    {
        ServerHealthState health = new(Server(rise: 2, fall: 3));

        health.ForceUp();
        Assert.Equal(HealthChange.Counted, health.Observe(false));
        health.ForceDown();
        Assert.Equal(HealthChange.None, health.Observe(false));
        health.PutOnTrial();
        Assert.True(health.IsUp);
        Assert.Equal(HealthChange.WentDown, health.Observe(false));
    }

    [Property]
    public bool The_counter_stays_on_its_scale_and_changes_are_told_exactly_when_they_happen(bool[] results, byte rise, byte fall)
    {
        ServerHealthState health = new(Server(1 + (rise % 5), 1 + (fall % 5)));
        foreach (bool result in results)
        {
            bool wasUp = health.IsUp;
            HealthChange change = health.Observe(result);
            bool told = change == (health.IsUp ? HealthChange.CameUp : HealthChange.WentDown);
            if (told != (wasUp != health.IsUp) || health.Counter < 0 || health.Counter > health.Rise + health.Fall - 1)
            {
                return false;
            }
        }
        return true;
    }

    private static char Letter(HealthChange change) => change switch
    {
        HealthChange.WentDown => 'D',
        HealthChange.CameUp => 'U',
        HealthChange.Counted => 'c',
        _ => '.',
    };

    private static ServerModel Server(int rise, int fall) => new(1, "s", IPAddress.Loopback, default) { Check = true, Rise = rise, Fall = fall };
}
