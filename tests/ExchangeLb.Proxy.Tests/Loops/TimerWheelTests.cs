using System;
using System.Collections.Generic;
using System.Linq;
using ExchangeLb.Proxy.Loops;
using ExchangeLb.Proxy.Sessions;
using FsCheck.Xunit;
using Xunit;

namespace ExchangeLb.Proxy.Tests.Loops;

public sealed class TimerWheelTests
{
    private const long Start = 1_000_003;

    /// <summary>Against a list of deadlines: steps of time, new deadlines, cancellations, in any order.</summary>
    [Property(MaxTest = 300)]
    public void It_fires_never_early_at_most_a_slot_late_and_what_was_cancelled_not_at_all(int seed)
    {
        var random = new Random(seed);
        var wheel = new TimerWheel(Start);
        Session[] sessions = [.. Enumerable.Range(0, 20).Select(index => new Session { Index = index })];
        var deadlines = new Dictionary<Session, long>();
        long now = Start;
        for (int step = 0; step < 300; step++)
        {
            Session session = sessions[random.Next(sessions.Length)];
            switch (random.Next(4))
            {
                case 0:
                    long deadline = now + random.Next(random.Next(3) == 0 ? 60_000 : 300);
                    wheel.Schedule(session, deadline);
                    deadlines[session] = Math.Min(deadline, deadlines.GetValueOrDefault(session, long.MaxValue));
                    break;
                case 1:
                    wheel.Cancel(session);
                    deadlines.Remove(session);
                    break;
                default:
                    now = Advance(wheel, now, random, deadlines);
                    break;
            }
        }
    }

    [Fact]
    public void A_later_deadline_does_not_move_a_session_and_an_earlier_one_does()
    {
        var wheel = new TimerWheel(Start);
        var session = new Session();
        wheel.Schedule(session, Start + 100);
        wheel.Schedule(session, Start + 10_000);
        Assert.InRange(wheel.NextDelayMs(Start), 100, 100 + TimerWheel.SlotMs);
        wheel.Schedule(session, Start + 20);
        Assert.InRange(wheel.NextDelayMs(Start), 20, 20 + TimerWheel.SlotMs);
    }

    [Fact]
    public void A_deadline_beyond_the_horizon_is_looked_at_at_the_horizon()
    {
        var wheel = new TimerWheel(Start);
        var session = new Session();
        wheel.Schedule(session, Start + (10 * TimerWheel.HorizonMs));
        Assert.InRange(wheel.NextDelayMs(Start), 0, (int)TimerWheel.HorizonMs + (2 * TimerWheel.SlotMs));
        Assert.Same(session, wheel.TakeDue(Start + TimerWheel.HorizonMs + (2 * TimerWheel.SlotMs)));
    }

    [Fact]
    public void A_session_without_a_deadline_is_never_due()
    {
        var wheel = new TimerWheel(Start);
        wheel.Schedule(new Session(), long.MaxValue);
        Assert.Equal(-1, wheel.NextDelayMs(Start));
        Assert.Null(wheel.TakeDue(Start + 1_000_000));
    }

    [Fact]
    public void A_long_pause_loses_nobody()
    {
        var wheel = new TimerWheel(Start);
        Session[] sessions = [.. Enumerable.Range(0, 100).Select(index => new Session { Index = index })];
        foreach (Session session in sessions)
        {
            wheel.Schedule(session, Start + (session.Index * 37));
        }
        var due = new HashSet<Session>();
        while (wheel.TakeDue(Start + 10_000_000) is { } session)
        {
            Assert.True(due.Add(session));
        }
        Assert.Equal(sessions.Length, due.Count);
    }

    private static long Advance(TimerWheel wheel, long now, Random random, Dictionary<Session, long> deadlines)
    {
        // As the loop does: it sleeps until the wheel says so, or something else wakes it before; sometimes it is late.
        int delay = wheel.NextDelayMs(now);
        Assert.True(delay >= 0 || deadlines.Count == 0, "it would sleep for ever");      // one too many look is allowed: somebody cancelled
        long next = now + (delay >= 0 && random.Next(2) == 0 ? delay : random.Next(100));
        bool slept = delay >= 0 && next == now + delay;
        while (wheel.TakeDue(next) is { } session)
        {
            Assert.True(deadlines.Remove(session, out long deadline), "it was not scheduled");
            Assert.True(next > deadline, "it is early");
        }
        foreach ((Session _, long deadline) in deadlines)
        {
            Assert.True(next <= deadline + TimerWheel.SlotMs, $"{next - deadline} ms late (slept: {slept})");
        }
        return next;
    }
}
