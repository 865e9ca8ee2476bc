using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using ExchangeLb.Clustering.Guarding;
using ExchangeLb.Core.Runtime;
using ExchangeLb.Linux.Repair;
using ExchangeLb.Proxy.Recording;
using Xunit;

namespace ExchangeLb.Exe.Tests.Clustering;

/// <summary>The balancer's and the guard's side, joined by their socket.</summary>
public sealed class HeldSocketsTests : IDisposable
{
    private const int Room = 300;
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("held");
    private readonly List<string> _log = [];
    private readonly HeldSockets _guard;
    private readonly GuardedSockets _balancer = new();
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly TcpClient _client = new();
    private readonly TcpClient _server;

    public HeldSocketsTests()
    {
        _guard = new HeldSockets(SocketPath, Room, _log.Add);
        _guard.Open(new RepairSupport(true, ""));
        _listener.Start();
        _client.Connect((IPEndPoint)_listener.LocalEndpoint);
        _server = _listener.AcceptTcpClient();
    }

    private static readonly IPAddress Vip = IPAddress.Parse("192.168.200.25");

    private string RecordsFile => Path.Combine(_folder.FullName, "records");

    private string SocketPath => Path.Combine(_folder.FullName, "held.sock");

    [Fact]
    public void What_is_passed_is_held_until_it_is_dropped_and_lives_on_meanwhile()
    {
        Connect();
        Assert.Equal(HoldAnswer.Passed, Hold(1));
        AwaitHeld(1);
        _client.Client.Dispose();
        Assert.False(_server.Client.Poll(0, SelectMode.SelectRead));

        _balancer.Drop(1);
        _balancer.SendDrops();

        AwaitHeld(0);
        Assert.True(_server.Client.Poll(Bound, SelectMode.SelectRead));
    }

    [Fact]
    public void A_session_that_is_passed_again_is_held_once()
    {
        Connect();
        Hold(1);
        Hold(1);
        Hold(2);
        AwaitHeld(2);
        Assert.Equal(2, Duplicates());

        _balancer.Drop(1);
        _balancer.Drop(2);
        _balancer.Drop(3);
        _balancer.SendDrops();

        AwaitHeld(0);
        Assert.Equal(0, Duplicates());
    }

    [Fact]
    public void A_drop_that_waits_does_not_hit_what_is_passed_after_it()
    {
        Connect();
        Hold(1);
        Hold(2);
        _balancer.Drop(1);
        _balancer.Drop(2);
        Hold(1);
        _balancer.SendDrops();

        AwaitHeld(1);
        Assert.Equal(1, Duplicates());
    }

    [Fact]
    public void Beyond_its_room_it_refuses_and_says_so_once()
    {
        Connect();
        for (ulong session = 0; session < Room + 50; session++)
        {
            HoldOnceTaken(session);
        }
        AwaitHeld(Room);

        Assert.Equal(Room, Duplicates());
        Assert.Single(_log);
    }

    [Fact]
    public void What_is_dropped_while_the_line_is_full_is_dropped_later_and_before_it_is_held_again()
    {
        Connect();
        ulong passed = 0;
        while (Hold(passed) == HoldAnswer.Passed)
        {
            passed++;
        }
        for (ulong session = 0; session < passed; session++)
        {
            _balancer.Drop(session);
        }
        Assert.Equal(HoldAnswer.Busy, Hold(0));

        AwaitHeld(0);
        HoldOnceTaken(0);
        AwaitHeld(1);
    }

    [Fact]
    public void When_the_line_ends_without_a_word_it_holds_on()
    {
        Connect();
        Hold(1);
        _balancer.Disconnect();
        AwaitHeld(1);

        Assert.Equal(1, _guard.CloseSilently());
        Assert.Equal(0, _guard.Count);
    }

    [Fact]
    public void What_was_passed_just_before_the_death_counts()
    {
        Connect();
        Turn();     // it is accepted; nothing is read yet
        Hold(1);
        Hold(2);
        _balancer.Disconnect();

        Assert.Equal(2, _guard.CloseSilently());
    }

    [Fact]
    public void A_new_line_of_the_same_balancer_begins_anew()
    {
        Connect();
        Hold(1);
        AwaitHeld(1);

        Connect();

        AwaitHeld(0);
        Hold(2);
        AwaitHeld(1);
    }

    [Fact]
    public void What_is_recorded_of_the_sessions_of_a_dead_balancer_is_left_for_its_next_process()
    {
        Connect();
        Turn();     // it is accepted; nothing is read yet
        Assert.True(_balancer.Keep(Established(Vip, session: 7)));
        Assert.True(_balancer.Keep(Established(IPAddress.Parse("192.168.200.26"), session: 8)));
        _balancer.Forget(IPAddress.Parse("192.168.200.26"));
        _balancer.Disconnect();
        _guard.CloseSilently();

        Assert.Equal(1, _guard.LeaveRecords(RecordsFile));

        List<IPAddress> found = [];
        KeptRecords.Read(File.ReadAllBytes(RecordsFile), ImageClock.Now, (address, _, _) => found.Add(address));
        Assert.Equal([Vip, Vip], found);        // its addresses, and that it was active
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(RecordsFile));
    }

    [Fact]
    public void Of_a_balancer_that_ends_in_order_or_begins_anew_nothing_is_left()
    {
        Connect();
        Turn();
        _balancer.Keep(Established(Vip, session: 7));
        Turn();
        Connect();
        Turn();

        Assert.Equal(0, _guard.LeaveRecords(RecordsFile));
        Assert.False(File.Exists(RecordsFile));
    }

    [Fact]
    public void Records_that_a_guard_which_stands_still_does_not_take_are_not_waited_for()
    {
        Connect();
        byte[] records = Established(Vip, session: 7);
        int told = 0;
        while (told < 100_000 && _balancer.Keep(records)) { told++; }

        Assert.InRange(told, 1, 99_999);
    }

    [Fact]
    public void A_process_that_is_not_watched_is_turned_away()
    {
        Connect();
        _guard.Turn(process: 1);
        _guard.Turn(process: 0);

        Assert.Equal(HoldAnswer.Nobody, Hold(1));
    }

    [Fact]
    public void Without_the_capability_nothing_is_held_and_the_reason_is_known()
    {
        string path = Path.Combine(_folder.FullName, "other.sock");
        using HeldSockets guard = new(path, Room, _log.Add);

        guard.Open(new RepairSupport(false, "CAP_NET_ADMIN is missing"));

        Assert.Equal((0, "CAP_NET_ADMIN is missing"), (guard.Capacity, guard.Lack));
        Assert.False(File.Exists(path));
        Assert.NotNull(_balancer.Connect(path));
    }

    public void Dispose()
    {
        _balancer.Dispose();
        _guard.Dispose();
        _client.Dispose();
        _server.Dispose();
        _listener.Dispose();
        _folder.Delete(recursive: true);
    }

    private void Connect() => Assert.Null(_balancer.Connect(SocketPath));

    /// <summary>A batch as the proxy writes it, with one session.</summary>
    internal static byte[] Established(IPAddress vip, byte session)
    {
        byte[] client = [4, .. vip.GetAddressBytes(), 1, 187, 4, 192, 168, 200, 60, 195, 81];
        byte[] server = [4, .. vip.GetAddressBytes(), 46, 224, 4, 192, 168, 200, 103, 1, 187];
        byte[] address = [.. vip.MapToIPv6().GetAddressBytes()];
        Array.Reverse(address);
        return [1, 5, 0, 0, 0, 0, 0, 0, 0, .. address, 1, session, 0, 0, 0, 0, 0, 0, 0, .. client, .. server];
    }

    private HoldAnswer Hold(ulong session) => _balancer.Hold(session, (int)_client.Client.Handle, (int)_server.Client.Handle);

    private void HoldOnceTaken(ulong session) => Assert.True(SpinWait.SpinUntil(
        () =>
        {
            HoldAnswer answer = Hold(session);
            Turn();
            return answer == HoldAnswer.Passed;
        },
        Bound));

    private void Turn() => _guard.Turn(Environment.ProcessId);

    private void AwaitHeld(int count) => Assert.True(SpinWait.SpinUntil(
        () =>
        {
            int before = _guard.Count;
            Turn();
            return before == count && _guard.Count == count;
        },
        Bound));

    /// <summary>Of the client's socket: other tests open and close others.</summary>
    private int Duplicates()
    {
        string socket = Target($"/proc/self/fd/{_client.Client.Handle}")!;
        return Directory.GetFileSystemEntries("/proc/self/fd").Count(descriptor => Target(descriptor) == socket) - 1;
    }

    private static string? Target(string descriptor)
    {
        try
        {
            return new FileInfo(descriptor).LinkTarget;
        }
        catch (IOException)
        {
            return null;        // closed meanwhile
        }
    }
}
