using System;
using System.Collections.Generic;
using System.Net;
using ExchangeLb.Core.Runtime;
using ExchangeLb.Linux.Repair;
using ExchangeLb.Linux.Sockets;
using ExchangeLb.Proxy.HandOver;
using ExchangeLb.Proxy.Recording;
using Xunit;

namespace ExchangeLb.Proxy.Tests.Recording;

public class RecordTests
{
    private static readonly ImageClock Now = new(TimeSpan.FromSeconds(100), 1_700_000_000_000);
    private static readonly UInt128 Vip = End("192.0.2.25", 0).Mapped;
    private static readonly ConnectionEnds Client = new(End("192.0.2.25", 443), End("192.0.2.77", 50_001));
    private static readonly ConnectionEnds Server = new(End("192.0.2.25", 12_000), End("192.0.2.103", 443));
    private readonly List<byte[]> _told = [];

    [Fact]
    public void The_encoding_is_this_one()
    {
        RecordBatch batch = Batch(0x0102);
        batch.Established(7, Client, Server);
        batch.Active(7);
        batch.Tell();

        Assert.Equal(
            "01" + "0201000000000000" + "190200C0FFFF00000000000000000000"
            + "01" + "0700000000000000" + "04C000021901BB" + "04C000024DC351" + "04C00002192EE0" + "04C000026701BB"
            + "03" + "0700000000000000",
            Convert.ToHexString(Assert.Single(_told)));
    }

    [Fact]
    public void The_last_record_of_a_session_is_kept()
    {
        RecordStore store = new(10);
        RecordBatch batch = Batch(1);
        batch.Established(7, Client, Server);
        Assert.True(batch.Quiet(7, Image()));
        batch.Established(8, Client, Server);
        batch.Ended(8);

        Assert.Null(Take(store, batch));
        StoredRecord quiet = Assert.Single(store.Of(Vip));
        batch.Active(7);
        Assert.Null(Take(store, batch));
        StoredRecord active = Assert.Single(store.Of(Vip));

        Assert.True(quiet.IsQuiet);
        Assert.False(active.IsQuiet);
        Assert.Equal(Client, active.Client);
        Assert.Equal(17u, active.ImageAt(Now)!.Client.ReceiveNext);
        Assert.True(active.Order > quiet.Order);
        Assert.Equal((1, (long)active.Bytes), (store.Count, store.Bytes));
    }

    [Fact]
    public void Time_goes_on_for_a_session_while_it_is_recorded()
    {
        RecordStore store = new(10);
        RecordBatch batch = Batch(1);
        batch.Quiet(7, Image());
        Take(store, batch);

        SessionImage image = Assert.Single(store.Of(Vip)).ImageAt(Now with { Monotonic = Now.Monotonic + TimeSpan.FromSeconds(9) })!;

        Assert.Equal(9010, image.ClientIdleMs);
        Assert.Equal(TimeSpan.FromSeconds(9), image.Client.TakenAt.AgeAt(Now with { Monotonic = Now.Monotonic + TimeSpan.FromSeconds(9) }));
    }

    [Fact]
    public void A_new_incarnation_replaces_all_and_an_earlier_one_is_refused()
    {
        RecordStore store = new(10);
        RecordBatch first = Batch(1), second = Batch(2);
        first.Established(7, Client, Server);
        Take(store, first);
        second.Established(9, Client, Server);
        Assert.Null(Take(store, second));
        first.Established(8, Client, Server);

        Assert.Contains("earlier incarnation", Take(store, first), StringComparison.Ordinal);
        Assert.Equal(9u, Assert.Single(store.Of(Vip)).Session);
    }

    /// <summary>A session that moved from lb1 to lb2 is told of by both for a while.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_a_former_owner_told_goes_with_the_first_that_is_as_good_or_with_the_sessions_end(bool ends)
    {
        RecordStore store = new(10);
        RecordBatch former = Batch(1), present = Batch(1);
        former.Quiet(7, Image());
        former.Established(8, new(Client.Local, End("192.0.2.77", 50_002)), Server);
        Take(store, former);
        present.Established(3, Client, Server);
        Assert.Null(Take(store, present, "lb2"));
        Assert.Equal(3, store.Count);       // lb2 has not told where it stands, so lb1's image is still of use
        Assert.True(store.Of(Vip)[0].IsQuiet);

        if (ends) { present.Ended(3); } else { present.Quiet(3, Image()); }
        Assert.Null(Take(store, present, "lb2"));

        Assert.Equal(ends ? 1 : 2, store.Count);
        Assert.DoesNotContain(store.Of(Vip), record => record.Session == 7);
        Assert.Contains(store.Of(Vip), record => record.Session == 8);
    }

    [Fact]
    public void An_end_does_not_touch_what_was_told_of_its_addresses_since()
    {
        RecordStore store = new(10);
        RecordBatch former = Batch(1), present = Batch(1);
        former.Established(7, Client, Server);
        Take(store, former);
        present.Established(3, Client, Server);
        Take(store, present, "lb2");

        former.Ended(7);
        Take(store, former);

        Assert.Equal(3u, Assert.Single(store.Of(Vip)).Session);
    }

    [Fact]
    public void What_is_beyond_the_limit_is_refused_by_a_reason_and_room_comes_back()
    {
        RecordStore store = new(2);
        RecordBatch batch = Batch(1);
        for (ulong session = 1; session <= 3; session++) { batch.Established(session, Client, Server); }
        Assert.Contains("records of 2 sessions", Take(store, batch), StringComparison.Ordinal);
        batch.Active(1);
        batch.Ended(2);
        batch.Established(3, Client, Server);

        Assert.Null(Take(store, batch));
        store.Forget("lb1", Vip);

        Assert.Equal((0, 0L), (store.Count, store.Bytes));
    }

    [Fact]
    public void A_record_of_another_address_than_its_batch_is_refused()
    {
        RecordStore store = new(10);
        UInt128 another = End("192.0.2.26", 0).Mapped;
        RecordBatch batch = new(another, 1, records => _told.Add(records.ToArray()));
        batch.Established(7, Client, Server);
        batch.Quiet(8, Image());

        Assert.Contains("another address", Take(store, batch), StringComparison.Ordinal);
        Assert.Contains("damaged", store.Take("lb1", another, _told[0], Now), StringComparison.Ordinal);
        Assert.Equal(0, store.Count);
    }

    [Fact]
    public void A_session_whose_server_sees_another_address_is_kept_to_be_reset_but_is_never_quiet()
    {
        RecordStore store = new(10);
        RecordBatch batch = Batch(1);
        ConnectionEnds elsewhere = new(End("192.0.2.21", 12_000), Server.Remote);
        batch.Established(7, Client, elsewhere);
        batch.Quiet(8, Image(elsewhere));

        Assert.Contains("damaged", Take(store, batch), StringComparison.Ordinal);
        StoredRecord kept = Assert.Single(store.Of(Vip));

        Assert.Equal((7u, false, false), (kept.Session, kept.IsQuiet, kept.HasServerSide));
    }

    [Fact]
    public void A_session_without_a_server_is_kept_to_reset_its_client_alone_until_it_has_one()
    {
        RecordStore store = new(10);
        RecordBatch batch = Batch(1);
        batch.Opening(7, Client);
        Take(store, batch);
        StoredRecord opening = Assert.Single(store.Of(Vip));
        batch.Established(7, Client, Server);
        Take(store, batch);

        Assert.Equal((Client, false), (opening.Client, opening.HasServerSide));
        Assert.True(Assert.Single(store.Of(Vip)).HasServerSide);
    }

    [Fact]
    public void A_full_batch_is_told_before_the_next_record()
    {
        RecordBatch batch = Batch(1);
        for (ulong session = 0; session < 200; session++) { batch.Quiet(session, Image()); }
        batch.Tell();

        RecordStore store = new(1000);
        Assert.All(_told, records => Assert.InRange(records.Length, 1, IRecordedSessions.RecordsLimit));
        Assert.All(_told, records => Assert.Null(store.Take("lb1", Vip, records, Now)));
        Assert.Equal(200, store.Count);
    }

    [Fact]
    public void What_is_cut_off_is_refused_at_every_length()
    {
        RecordBatch batch = Batch(1);
        batch.Quiet(7, Image());
        batch.Tell();

        for (int length = 0; length < _told[0].Length; length++)
        {
            if (length != RecordBatch.HeadLength)       // no record at all
            {
                Assert.NotNull(new RecordStore(10).Take("lb1", Vip, _told[0].AsSpan(0, length), Now));
            }
        }
    }

    [Theory]
    [InlineData(20261122)]
    public void Damage_never_throws(int seed)
    {
        Random random = new(seed);
        RecordBatch batch = Batch(1);
        batch.Established(6, Client, Server);
        batch.Quiet(7, Image());
        batch.Active(6);
        batch.Tell();
        RecordStore store = new(50);
        for (int run = 0; run < 20_000; run++)
        {
            byte[] damaged = [.. _told[0]];
            for (int i = random.Next(1, 6); i > 0; i--) { damaged[random.Next(damaged.Length)] = (byte)random.Next(256); }

            store.Take("lb1", Vip, damaged, Now);

            Assert.True(store.Count <= 50, $"run {run} of seed {seed}");
        }
    }

    [Fact]
    public void The_budget_gives_so_many_a_second_and_a_tenth_of_it_at_once()
    {
        RecordBudget budget = new(1000);
        int atOnce = 0, later = 0;
        while (budget.TryTake(5000)) { atOnce++; }
        for (long ms = 5001; ms <= 6000; ms++) { later += budget.TryTake(ms) ? 1 : 0; }

        Assert.Equal((100, 1000), (atOnce, later));
    }

    private RecordBatch Batch(ulong incarnation) => new(Vip, incarnation, records => _told.Add(records.ToArray()));

    private string? Take(RecordStore store, RecordBatch batch, string owner = "lb1")
    {
        _told.Clear();
        batch.Tell();
        return store.Take(owner, Vip, Assert.Single(_told), Now);
    }

    private static SockAddress End(string address, int port) => SockAddress.From(new IPEndPoint(IPAddress.Parse(address), port));

    private static byte[] Image() => Image(Server);

    private static byte[] Image(ConnectionEnds server) => SessionImageCodec.Write(
        new SessionImage
        {
            Frontend = "e2k13",
            Backend = "e2k13",
            Server = "exchange2",
            ClientIdleMs = 10,
            Upload = new(),
            Download = new(),
            Client = Connection(Client),
            ServerSide = Connection(server),
        },
        Now).ToArray();

    private static TcpImage Connection(ConnectionEnds ends) => new()
    {
        Local = ends.Local,
        Remote = ends.Remote,
        Traits = TcpTraits.Timestamps,
        SendUnacked = 4_000_000_000,
        ReceiveNext = 17,
        MaxSegment = 1460,
        SendScale = 7,
        ReceiveScale = 9,
        Window = new RepairWindow(1, 2, 3, 4, 5),
        Timestamp = 99,
        TakenAt = Now,
        KeepAlive = default,
    };
}
