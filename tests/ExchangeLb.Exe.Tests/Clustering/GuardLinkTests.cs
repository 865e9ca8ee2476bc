using System;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using ExchangeLb.Clustering;
using ExchangeLb.Clustering.Guarding;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Runtime;
using Xunit;

namespace ExchangeLb.Exe.Tests.Clustering;

/// <summary>The balancer's end of the line; the guard is played by the test.</summary>
public sealed class GuardLinkTests : IAsyncDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("guardlink");
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly Socket _holder = new(AddressFamily.Unix, SocketType.Seqpacket, ProtocolType.Unspecified);
    private readonly GuardLink _link;
    private readonly string _cluster;

    public GuardLinkTests()
    {
        string cluster = _cluster = Path.Combine(_folder.FullName, "cluster.cfg");
        File.WriteAllText(cluster, "");
        ClusterPaths paths = new(_folder.FullName, cluster);
        _listener.Bind(new UnixDomainSocketEndPoint(paths.GuardSocket));
        _listener.Listen();
        _holder.Bind(new UnixDomainSocketEndPoint(HeldTalk.PathBeside(paths.GuardSocket)));
        _holder.Listen();
        _link = new GuardLink(paths, "lb1", 7, (_, _) => { }) { OfUnit = true };
    }

    [Fact]
    public async Task A_guard_that_is_lost_is_followed_by_the_next_and_what_is_quiet_is_passed_to_that()
    {
        using SemaphoreSlim renewed = new(0);
        _link.Sockets.Renewed += () => renewed.Release();
        Assert.Null(_link.Start());

        for (int life = 0; life < 3; life++)
        {
            using Socket guard = await AcceptAsync(_listener);
            Assert.StartsWith("hello 7 ", Read(guard), StringComparison.Ordinal);
            Assert.Equal(HoldAnswer.Nobody, _link.Sockets.Hold(1, 0, 1));
            guard.Send(Encoding.ASCII.GetBytes(GuardTalk.HoldsLine(10, null) + "\n"));
            using Socket holder = await AcceptAsync(_holder);
            Assert.True(await renewed.WaitAsync(Bound));
            Assert.Equal(HoldAnswer.Passed, _link.Sockets.Hold(1, 0, 1));
        }
    }

    [Fact]
    public async Task A_guard_that_can_hold_nothing_is_sent_nothing()
    {
        Assert.Null(_link.Start());
        using Socket guard = await AcceptAsync(_listener);
        Read(guard);

        guard.Send(Encoding.ASCII.GetBytes(GuardTalk.HoldsLine(0, "CAP_NET_ADMIN is missing") + "\n" + GuardTalk.GuardLine(77, "1")));

        Assert.True(SpinWait.SpinUntil(() => _link.Snapshot().Pid == 77, Bound));       // both lines were read
        Assert.Equal(HoldAnswer.Nobody, _link.Sockets.Hold(1, 0, 1));
    }

    [Fact]
    public async Task It_ends_while_a_guard_of_a_unit_stays()
    {
        Assert.Null(_link.Start());
        using Socket guard = await AcceptAsync(_listener);

        await _link.DisposeAsync().AsTask().WaitAsync(Bound);

        Assert.StartsWith("hello 7 ", Read(guard), StringComparison.Ordinal);
        Assert.Equal("", Read(guard));
    }

    [Fact]
    public async Task A_guard_that_stays_is_greeted_by_the_file_that_was_taken_over_and_one_that_turns_that_away_by_the_one_on_disk()
    {
        _link.Protect("1/taken", []);
        Assert.Null(_link.Start());
        using (Socket guard = await AcceptAsync(_listener))
        {
            Assert.EndsWith(" 1/taken", Lines(guard, 2)[0], StringComparison.Ordinal);
            guard.Send(Encoding.ASCII.GetBytes(GuardTalk.HoldsLine(0, "none") + "\n" + GuardTalk.GuardLine(77, "1")));
            Assert.True(SpinWait.SpinUntil(() => _link.Snapshot().Pid == 77, Bound));
        }
        using (Socket same = await AcceptAsync(_listener))
        {
            Assert.EndsWith(" 1/taken", Lines(same, 2)[0], StringComparison.Ordinal);
        }
        using Socket fresh = await AcceptAsync(_listener);
        string[] said = Lines(fresh, 2);

        Assert.EndsWith(" " + GuardTalk.Form(_cluster), said[0], StringComparison.Ordinal);
        Assert.Equal("vips 1/taken ", said[1]);
    }

    [Fact]
    public async Task What_a_full_guard_had_no_room_for_is_said_once_it_reads_again()
    {
        Assert.Null(_link.Start());
        using Socket guard = await AcceptAsync(_listener);
        Fill();

        _link.Protect("1/other", [new VipModel(IPAddress.Parse("192.0.2.25"), 24, "eth0", [])]);

        using StreamReader line = new(new NetworkStream(guard));
        Assert.True(await Task.Run(() => ReadUntil(line, "vips 1/other 192.0.2.25/24@eth0")).WaitAsync(Bound));
    }

    public async ValueTask DisposeAsync()
    {
        await _link.DisposeAsync();
        _listener.Dispose();
        _holder.Dispose();
        _folder.Delete(recursive: true);
    }

    private static async Task<Socket> AcceptAsync(Socket listener)
    {
        Socket accepted = await listener.AcceptAsync().WaitAsync(Bound);
        accepted.ReceiveTimeout = (int)Bound.TotalMilliseconds;
        return accepted;
    }

    /// <summary>Beats, until far more were tried than its buffer takes: each counts with some hundreds of bytes there.</summary>
    private void Fill()
    {
        for (int i = 0; i < 20_000; i++) { _link.Beat(); }
    }

    private bool ReadUntil(StreamReader line, string wanted)
    {
        string? said;
        while ((said = line.ReadLine()) is not null && said != wanted) { _link.Beat(); }
        return said is not null;
    }

    private static string[] Lines(Socket line, int count)
    {
        using StreamReader reader = new(new NetworkStream(line));
        return [.. Enumerable.Range(0, count).Select(_ => reader.ReadLine()!)];
    }

    private static string Read(Socket line)
    {
        byte[] buffer = new byte[256];
        return Encoding.ASCII.GetString(buffer, 0, line.Receive(buffer));
    }
}
