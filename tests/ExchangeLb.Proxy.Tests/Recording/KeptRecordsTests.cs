using System;
using System.Collections.Generic;
using System.IO;
using System.Net;
using ExchangeLb.Linux.Repair;
using ExchangeLb.Linux.Sockets;
using ExchangeLb.Proxy.Recording;
using Xunit;

namespace ExchangeLb.Proxy.Tests.Recording;

public class KeptRecordsTests
{
    private static readonly ImageClock Told = new(TimeSpan.FromSeconds(100), 1_700_000_000_000);
    private static readonly IPAddress Vip = IPAddress.Parse("192.0.2.25");
    private static readonly ConnectionEnds Client = new(End("192.0.2.25", 443), End("192.0.2.77", 50_001));
    private static readonly ConnectionEnds Server = new(End("192.0.2.25", 12_000), End("192.0.2.103", 443));
    private readonly KeptRecords _kept = new(3);
    private readonly RecordBatch _batch;

    public KeptRecordsTests() => _batch = Batch(incarnation: 5);

    [Fact]
    public void The_next_process_reads_of_each_session_what_was_told_last()
    {
        _batch.Established(1, Client, Server);
        _batch.Quiet(2, [1, 2, 3]);
        _batch.Quiet(3, [4, 5]);
        _batch.Active(3);
        _batch.Tell();

        Assert.Equal(["1 Established", "1 Active", "2 Quiet 1-2-3", "3 Quiet 4-5", "3 Active"], Read(After(1)));
    }

    [Fact]
    public void What_has_ended_or_belongs_to_another_owner_now_is_not_kept()
    {
        _batch.Quiet(1, [1]);
        _batch.Quiet(2, [2]);
        _batch.Ended(1);
        _batch.Tell();
        Assert.Equal(1, _kept.Count);

        _kept.Forget(Client.Local.Mapped);

        Assert.Equal(0, _kept.Count);
        Assert.Empty(Read(After(1)));
    }

    [Fact]
    public void What_is_told_anew_replaces_what_was_told_before()
    {
        _batch.Quiet(1, [1]);
        _batch.Tell();
        RecordBatch again = Batch(incarnation: 6);
        again.Quiet(2, [2]);
        again.Tell();

        Assert.Equal(["2 Quiet 2"], Read(After(1)));
    }

    [Fact]
    public void A_loop_that_has_not_begun_anew_yet_does_not_undo_what_others_have_told_anew()
    {
        RecordBatch again = Batch(incarnation: 6);
        again.Quiet(2, [2]);
        again.Tell();
        _batch.Quiet(1, [1]);
        _batch.Tell();

        Assert.Equal(["2 Quiet 2"], Read(After(1)));
    }

    [Fact]
    public void Time_goes_on_for_a_session_from_when_it_was_told()
    {
        _batch.Quiet(1, [1]);
        _batch.Tell();
        TimeSpan age = default;

        KeptRecords.Read(File(After(3000)), After(3007), (address, since, _) => { Assert.Equal(Vip, address); age = since; });

        Assert.Equal(TimeSpan.FromSeconds(3007), age);
    }

    [Fact]
    public void What_was_left_too_long_ago_is_of_no_use()
    {
        _batch.Quiet(1, [1]);
        _batch.Tell();
        byte[] file = File(After(10));
        int limit = 10 + (int)KeptRecords.Life.TotalSeconds;

        Assert.Single(Read(file, After(limit)));
        Assert.Empty(Read(file, After(limit + 1)));
    }

    [Fact]
    public void Beyond_its_room_it_refuses_and_counts_and_what_it_has_stays_true()
    {
        for (ulong session = 1; session <= 4; session++) { _batch.Quiet(session, [1]); }
        _batch.Active(1);
        _batch.Tell();

        Assert.Equal((3, 1L), (_kept.Count, _kept.RefusedTotal));
        Assert.Contains("1 Active", Read(After(1)));
    }

    [Theory]
    [InlineData(20261128)]
    public void A_damaged_file_never_throws(int seed)
    {
        Random random = new(seed);
        _batch.Established(1, Client, Server);
        _batch.Quiet(2, [1, 2, 3]);
        _batch.Tell();
        byte[] file = File(After(1));
        for (int length = 0; length < file.Length; length++) { Read(file.AsSpan(0, length).ToArray(), After(2)); }
        for (int run = 0; run < 20_000; run++)
        {
            byte[] damaged = [.. file];
            for (int i = random.Next(1, 6); i > 0; i--) { damaged[random.Next(damaged.Length)] = (byte)random.Next(256); }
            int records = 0;

            KeptRecords.Read(damaged, After(2), (_, _, _) => records++);

            Assert.True(records <= 3, $"run {run} of seed {seed}");
        }
    }

    private RecordBatch Batch(ulong incarnation) => new(Client.Local.Mapped, incarnation, records => _kept.Take(records, Told));

    private List<string> Read(ImageClock now) => Read(File(now), now);

    private static List<string> Read(byte[] file, ImageClock now)
    {
        List<string> found = [];
        KeptRecords.Read(file, now, (_, _, records) =>
        {
            RecordReader reader = new(records);
            while (reader.TryNext(out SessionRecord record))
            {
                found.Add($"{record.Session} {record.Kind} {string.Join('-', record.Image.ToArray())}".TrimEnd());
            }
        });
        return found;
    }

    private byte[] File(ImageClock now)
    {
        using MemoryStream file = new();
        _kept.Write(file, now);
        return file.ToArray();
    }

    private static ImageClock After(int seconds) => new(Told.Monotonic + TimeSpan.FromSeconds(seconds), Told.UnixMs + (seconds * 1000L));

    private static SockAddress End(string address, int port) => SockAddress.From(new IPEndPoint(IPAddress.Parse(address), port));
}
