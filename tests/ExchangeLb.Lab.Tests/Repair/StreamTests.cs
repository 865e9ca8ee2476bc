using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Net.Sockets;
using System.Threading.Tasks;
using ExchangeLb.Lab.Tests.Kernel;
using ExchangeLb.Lab.Tests.World;
using ExchangeLb.Linux.Calls;
using ExchangeLb.Linux.Repair;
using Xunit;
using Xunit.Abstractions;

namespace ExchangeLb.Lab.Tests.Repair;

/// <summary>Connections that move while they are used; every byte is compared at both ends.</summary>
public sealed class StreamTests(RepairWorld world, ITestOutputHelper output) : IClassFixture<RepairWorld>
{
    private const int Moves = 20;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [LabTheory]
    [InlineData(RepairWorld.V4)]
    [InlineData(RepairWorld.V6)]
    public void Question_and_answer_through_20_moves(int version)
    {
        using MovableConnection connection = world.Connect(version);
        int messages = 0, slowestMs = 0;
        bool stop = false;
        Task client = Task.Run(() =>
        {
            while (!System.Threading.Volatile.Read(ref stop))
            {
                byte[] question = Pattern.Bytes(50, 1 + (messages * 37 % 5000), messages), answer = new byte[question.Length];
                long start = Stopwatch.GetTimestamp();
                connection.Client.Send(question);
                for (int read = 0; read < answer.Length;)
                {
                    int more = connection.Client.Receive(answer, read, answer.Length - read, SocketFlags.None);
                    Assert.True(more > 0, "the end");
                    read += more;
                }
                Assert.Equal(question, answer);
                slowestMs = Math.Max(slowestMs, (int)Stopwatch.GetElapsedTime(start).TotalMilliseconds);
                messages++;
            }
        });
        for (int move = 0; move < Moves; move++)
        {
            int before = messages;
            Eventually.Holds(Limit, () => { connection.Echo(); return client.IsCompleted || messages >= before + 5; }, () => $"{messages} messages, move {move}");
            connection.Move();
        }
        System.Threading.Volatile.Write(ref stop, true);
        Eventually.Holds(Limit, () => { connection.Echo(); return client.IsCompleted; }, () => "the client hangs");

        client.GetAwaiter().GetResult();
        output.WriteLine($"{messages} messages, the slowest {slowestMs} ms");
    }

    /// <summary>As an owner would: fenced outward first, until what was sent is acknowledged. Then nothing is lost in the gap.</summary>
    [LabTheory]
    [InlineData(RepairWorld.V4, Moves, true)]
    [InlineData(RepairWorld.V6, Moves, true)]
    [InlineData(RepairWorld.V4, 4, false)]
    [InlineData(RepairWorld.V6, 4, false)]
    public void Bulk_both_ways(int version, int moves, bool drained)
    {
        using MovableConnection connection = world.Connect(version);
        bool stop = false;
        long got = 0, sent = 0;
        int longestMs = 0, unacked = 0;
        Task down = Task.Run(() =>
        {
            var buffer = new byte[128 * 1024];
            long last = Stopwatch.GetTimestamp();
            for (int read; (read = connection.Client.Receive(buffer)) > 0;)
            {
                Assert.True(Pattern.Matches(51, buffer.AsSpan(0, read), got), $"a wrong byte in {got}..{got + read} downward");
                got += read;
                longestMs = Math.Max(longestMs, (int)Stopwatch.GetElapsedTime(last).TotalMilliseconds);
                last = Stopwatch.GetTimestamp();
            }
        });
        Task up = Task.Run(() =>
        {
            while (!System.Threading.Volatile.Read(ref stop)) { sent += connection.Client.Send(Pattern.Bytes(52, 50_000, sent)); }
            connection.Client.Shutdown(SocketShutdown.Send);
        });
        long written = 0, read = 0;
        for (int move = 0; move < moves; move++)
        {
            long downGoal = written + 1_000_000, upGoal = read + 1_000_000;
            Eventually.Holds(
                Limit,
                () =>
                {
                    written += connection.WriteSome(51, written);
                    read += connection.ReadSome(52, read);
                    return (written >= downGoal && read >= upGoal) || down.IsFaulted || up.IsFaulted;
                },
                () => $"move {move}: {written} of {downGoal}, {read} of {upGoal}");
            if (drained) { connection.Drain(); }
            connection.Move();
            unacked = Math.Max(unacked, connection.Image!.Unacked.Length);
        }
        System.Threading.Volatile.Write(ref stop, true);
        connection.EndAfterAll();
        Eventually.Holds(Limit, () => { connection.WriteSome(51, written, nothingNew: true); read += connection.ReadSome(52, read); return up.IsCompleted && read == sent && down.IsCompleted; }, () => $"{read} of {sent}, {got} of {written}");

        up.GetAwaiter().GetResult();
        down.GetAwaiter().GetResult();
        Assert.Equal((written, sent), (got, read));
        output.WriteLine($"{got} bytes down, {read} up, {moves} moves, most unacknowledged at one {unacked}, longest stall down {longestMs} ms");
        if (drained) { Assert.Equal(0, unacked); }
    }

    /// <summary>Without a fence a freeze may find that the connection changes while it is read. Neither it nor a snapshot harms what goes on.</summary>
    [LabTheory]
    [InlineData(RepairWorld.V4)]
    [InlineData(RepairWorld.V6)]
    public void Freezes_taken_back_and_snapshots_in_full_traffic_harm_nothing(int version)
    {
        using MovableConnection connection = world.Connect(version);
        long got = 0, written = 0;
        Task down = Task.Run(() =>
        {
            var buffer = new byte[128 * 1024];
            for (int read; (read = connection.Client.Receive(buffer)) > 0; got += read)
            {
                Assert.True(Pattern.Matches(53, buffer.AsSpan(0, read), got), $"a wrong byte in {got}..{got + read}");
            }
        });
        Dictionary<string, int> verdicts = [];
        for (int round = 0; round < 300; round++)
        {
            Assert.False(down.IsFaulted, down.Exception?.Message);
            written += connection.WriteSome(53, written);
            bool freezes = round % 2 == 0;
            DumpResult result = freezes ? TcpDump.Freeze(connection.Fd, false, ImageClock.Now) : TcpDump.Snapshot(connection.Fd, false, ImageClock.Now);
            Assert.True(result.Verdict is DumpVerdict.Dumped or DumpVerdict.Busy or DumpVerdict.Changing, $"{result.Verdict} {result.Failure}");
            if (freezes && result.Verdict == DumpVerdict.Dumped) { Assert.True(TcpDump.Resume(connection.Fd).Ok); }
            string verdict = $"{(freezes ? "freeze" : "snapshot")} {result.Verdict}";
            verdicts[verdict] = verdicts.GetValueOrDefault(verdict) + 1;
        }
        connection.EndAfterAll();
        Eventually.Holds(Limit, () => { connection.WriteSome(53, written, nothingNew: true); return down.IsCompleted; }, () => $"{got} of {written}");

        down.GetAwaiter().GetResult();
        Assert.Equal(written, got);
        output.WriteLine(string.Join(", ", verdicts.Select(pair => $"{pair.Key}: {pair.Value}")));
    }

    /// <summary>What is acknowledged after a move was sent before it: the kernel takes all the time since its timestamp for a round trip, and waits as long for what is lost next.</summary>
    [LabTheory]
    [InlineData(0, 200, 2_000)]
    [InlineData(5, 10_000, 60_000)]
    public void A_margin_of_the_timestamp_comes_back_as_a_round_trip(int marginSeconds, int leastMs, int mostMs)
    {
        const int Round = 40_000;
        using MovableConnection connection = world.Connect(RepairWorld.V4);
        for (int round = 0; round < 3; round++)
        {
            Assert.Equal(Round, connection.Fill(55, Round));
            connection.ClientReads(Round);
            Eventually.Holds(Limit, () => TcpDump.InFlight(connection.Fd).Value == 0, () => "it is not acknowledged");
        }
        world.A.FenceInward();
        Assert.Equal(Round, connection.Fill(55, Round));
        connection.ClientReads(Round);

        connection.Move(TimeSpan.FromSeconds(marginSeconds));

        Assert.Equal((Round, 0), (connection.Image!.Unacked.Length, connection.Restored.Anew.Length));
        Eventually.Holds(Limit, () => TcpDump.InFlight(connection.Fd).Value == 0, () => "it is not acknowledged at the other node");
        Assert.InRange(connection.RetransmissionTimeoutMs(), leastMs, mostMs);
    }

    /// <summary>With the times, warm: the first round is not counted.</summary>
    [LabFact]
    public void Many_are_restored_before_the_fence_opens()
    {
        const int Count = 300;
        List<MovableConnection> connections = [.. Enumerable.Range(0, Count).Select(_ => world.Connect(RepairWorld.V4))];
        RepairNode from = world.A, to = world.B;
        for (int round = 0; round < 4; round++)
        {
            long start = Stopwatch.GetTimestamp();
            foreach (MovableConnection connection in connections) { TcpDump.Snapshot(connection.Fd, false, ImageClock.Now); }
            double snapshotUs = Stopwatch.GetElapsedTime(start).TotalMicroseconds / Count;
            from.Fence();
            start = Stopwatch.GetTimestamp();
            TcpImage[] images = [.. connections.Select(connection => TcpDump.Freeze(connection.Fd, false, ImageClock.Now).Image!)];
            double dumpUs = Stopwatch.GetElapsedTime(start).TotalMicroseconds / Count;
            start = Stopwatch.GetTimestamp();
            RestoredSocket[] sockets = to.Inside(() => Array.ConvertAll(images, image => TcpRestore.Open(image, ImageClock.Now).Socket));
            double restoreUs = Stopwatch.GetElapsedTime(start).TotalMicroseconds / Count;
            foreach (MovableConnection connection in connections) { TcpDump.CloseFrozen(connection.Fd); }
            to.OpenFence();
            start = Stopwatch.GetTimestamp();
            for (int i = 0; i < Count; i++) { connections[i].Run(to, sockets[i], images[i], openFences: false); }
            double releaseUs = Stopwatch.GetElapsedTime(start).TotalMicroseconds / Count;
            output.WriteLine($"round {round}: a socket: snapshot {snapshotUs:0.0} us, dump {dumpUs:0.0} us, restore {restoreUs:0.0} us, release {releaseUs:0.0} us");
            (from, to) = (to, from);
        }

        foreach (MovableConnection connection in connections)
        {
            connection.AssertAlive();
            connection.Dispose();
        }
    }
}
