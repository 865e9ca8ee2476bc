using System;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.IO;
using System.Net.Sockets;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using ExchangeLb.Cluster.Ownership;
using ExchangeLb.Clustering.Guarding;
using Xunit;

namespace ExchangeLb.Exe.Tests.Clustering;

public sealed class GuardTests : IDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("guard");
    private readonly HandClock _clock = new();
    private readonly BlockingCollection<(ulong Incarnation, string Why)> _released = [];
    private readonly Guard _guard;
    private readonly Task<string?> _running;

    public GuardTests()
    {
        _guard = new Guard(SocketPath, "test", TimeSpan.FromSeconds(1), _clock, (incarnation, why) => _released.Add((incarnation, why)), _ => { });
        _running = Task.Factory.StartNew(_guard.Run, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    private string SocketPath => Path.Combine(_folder.FullName, "guard.sock");

    public void Dispose()
    {
        _guard.Stop();
        Assert.True(_running.Wait(Bound));
        _guard.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public void The_lease_of_a_process_that_was_killed_is_given_up()
    {
        using Process balancer = Sleeper();
        using Socket line = Greet(balancer, 7);

        balancer.Kill();

        AssertReleased(7, null);
    }

    [Fact]
    public void The_lease_of_a_process_that_has_ended_before_it_is_watched_is_given_up_too()
    {
        using Process balancer = Sleeper();
        balancer.Kill();
        Assert.True(balancer.WaitForExit(Bound));

        using Socket line = Greet(balancer, 6);

        AssertReleased(6, "its process ended while it said hello");
    }

    [Fact]
    public void A_process_that_closes_its_line_is_killed_before_its_lease_is_given_up()
    {
        using Process balancer = Sleeper();
        Socket line = Greet(balancer, 8);

        line.Dispose();

        AssertReleased(8, "it closed the line without a word");
        Assert.True(balancer.WaitForExit(Bound));
    }

    [Fact]
    public void A_process_that_does_not_beat_is_killed()
    {
        using Process balancer = Sleeper();
        using Socket line = Greet(balancer, 9);
        Say(line, "beat\n");

        _clock.Run();

        AssertReleased(9, "its loops or its lease thread hang for 1.0 s");
        Assert.True(balancer.WaitForExit(Bound));
    }

    /// <summary>It could not tell anybody.</summary>
    [Fact]
    public void The_next_process_is_told_that_the_one_before_hung()
    {
        using Process hung = Sleeper();
        using Process second = Sleeper();
        using (Socket line = Greet(hung, 9))
        {
            Say(line, "beat\n");
            _clock.Run();
            AssertReleased(9, "its loops or its lease thread hang for 1.0 s");
        }

        using Socket next = GreetOnceAlone(second, 10);
        Assert.Equal("former its loops or its lease thread hang for 1.0 s", ReadLine(next));
        second.Kill();
        AssertReleased(10, null);
    }

    [Fact]
    public void Of_one_that_ends_in_order_nothing_is_given_up_and_the_next_balancer_is_watched()
    {
        using Process first = Sleeper();
        using Process second = Sleeper();
        using Socket line = Greet(first, 10);
        Say(line, "ending\n");
        line.Dispose();

        using Socket next = GreetOnceAlone(second, 11);
        second.Kill();

        AssertReleased(11, null);
        Assert.False(first.HasExited);
        first.Kill();
    }

    [Fact]
    public void How_things_stood_before_a_balancer_came_is_told_to_the_next_one()
    {
        _guard.SayNow("engine it runs");
        _guard.SayNow("engine there is no corosync program here");
        using Process balancer = Sleeper();

        using Socket line = Greet(balancer, 17);

        Assert.Equal("engine there is no corosync program here", ReadLine(line));
        _guard.SayNow("engine runs as process 7");
        Assert.Equal("engine runs as process 7", ReadLine(line));
        balancer.Kill();
        AssertReleased(17, null);
    }

    [Fact]
    public void A_second_balancer_is_turned_away()
    {
        using Process first = Sleeper();
        using Socket line = Greet(first, 12);

        using Socket second = Connect();

        WaitForEnd(second);
        Assert.Empty(_released);
        Say(line, "ending\n");
        first.Kill();
    }

    [Fact]
    public async Task A_guard_that_does_not_fit_a_balancer_ends_without_touching_it()
    {
        using Process balancer = Sleeper();
        using Socket line = Connect();

        Say(line, GuardTalk.HelloLine(13, balancer.Id, "another"));

        Assert.Null(await _running.WaitAsync(Bound));
        Assert.False(balancer.HasExited);
        Assert.Empty(_released);
        balancer.Kill();
    }

    [Fact]
    public void A_guard_that_is_told_to_stop_by_a_signal_stays_as_long_as_its_balancer()
    {
        using Process balancer = Sleeper();
        using Socket line = Greet(balancer, 14);

        _guard.Stop();
        balancer.Kill();

        AssertReleased(14, null);
    }

    [Fact]
    public void Rubbish_ends_the_line_and_nothing_else()
    {
        using Socket line = Connect();

        Say(line, new string('x', 5000));

        WaitForEnd(line);
        Assert.Empty(_released);
    }

    [Fact]
    public async Task The_guard_stops_when_it_is_told_to()
    {
        using Socket line = Connect();

        Say(line, "stop\n");

        Assert.Null(await _running.WaitAsync(Bound));
    }

    /// <param name="why">null: any of the ways in which a guard can notice it.</param>
    private void AssertReleased(ulong incarnation, string? why)
    {
        Assert.True(_released.TryTake(out (ulong Incarnation, string Why) released, Bound));
        Assert.Equal((incarnation, why ?? released.Why), released);
    }

    private static Process Sleeper() => Process.Start(new ProcessStartInfo("/bin/sleep", "600"))!;

    private Socket Greet(Process balancer, ulong incarnation)
    {
        Socket line = Connect();
        Say(line, GuardTalk.HelloLine(incarnation, balancer.Id, "test"));
        Assert.StartsWith("guard ", ReadLine(line), StringComparison.Ordinal);
        return line;
    }

    /// <summary>A line that is turned away is tried again: the guard may not have seen the end of the one before.</summary>
    private Socket GreetOnceAlone(Process balancer, ulong incarnation)
    {
        Stopwatch since = Stopwatch.StartNew();
        while (true)
        {
            Socket line = Connect();
            try
            {
                Say(line, GuardTalk.HelloLine(incarnation, balancer.Id, "test"));
                if (ReadLine(line).StartsWith("guard ", StringComparison.Ordinal))
                {
                    return line;
                }
            }
            catch (SocketException) when (since.Elapsed < Bound)
            {
                // turned away
            }
            line.Dispose();
        }
    }

    private Socket Connect()
    {
        Assert.True(SpinWait.SpinUntil(() => File.Exists(SocketPath), Bound));
        Stopwatch since = Stopwatch.StartNew();
        while (true)
        {
            Socket line = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { ReceiveTimeout = (int)Bound.TotalMilliseconds };
            try
            {
                line.Connect(new UnixDomainSocketEndPoint(SocketPath));
                return line;
            }
            catch (SocketException) when (since.Elapsed < Bound)
            {
                line.Dispose(); // bound, but not listening yet
                Thread.Yield();
            }
        }
    }

    private static void Say(Socket line, string text) => line.Send(Encoding.ASCII.GetBytes(text));

    private static string ReadLine(Socket line)
    {
        StringBuilder text = new();
        byte[] one = new byte[1];
        while (line.Receive(one) == 1 && one[0] != '\n')
        {
            text.Append((char)one[0]);
        }
        return text.ToString();
    }

    private static void WaitForEnd(Socket line)
    {
        byte[] rest = new byte[256];
        try
        {
            while (line.Receive(rest) > 0)
            {
                // what was said before the end
            }
        }
        catch (SocketException reset) when (reset.SocketErrorCode == SocketError.ConnectionReset)
        {
            // closed while bytes were unread
        }
    }

    /// <summary>Stands still until it is told to run; then each look is a step of 50 ms.</summary>
    private sealed class HandClock : IMonotonicClock
    {
        private long _steps;
        private volatile bool _runs;

        public TimeSpan Now => TimeSpan.FromMilliseconds(50 * (_runs ? Interlocked.Increment(ref _steps) : Interlocked.Read(ref _steps)));

        public void Run() => _runs = true;
    }
}
