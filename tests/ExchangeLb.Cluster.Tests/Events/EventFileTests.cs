using System;
using System.IO;
using System.Linq;
using System.Text;
using ExchangeLb.Cluster.Events;
using ExchangeLb.Core.Runtime;
using Xunit;

namespace ExchangeLb.Cluster.Tests.Events;

public sealed class EventFileTests : IDisposable
{
    private static readonly ClusterEvent Owner = new(DateTimeOffset.UnixEpoch.AddDays(20_000).AddTicks(1_234_567), "owner", "lb1 (this node) owns 192.168.200.25");
    private static readonly ClusterEvent View = new(Owner.Unix.AddSeconds(3), "view", "lb2 has left the cluster");

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("events");

    private string Path => System.IO.Path.Combine(_folder.FullName, "events");

    private EventFile File => new(Path);

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void What_was_written_is_read_again()
    {
        Assert.Null(File.Write([Owner, View]));

        Assert.Equal([Owner, View], File.Read().ToArray());
        Assert.Equal(["events"], _folder.EnumerateFiles().Select(file => file.Name));
    }

    [Fact]
    public void The_earlier_events_come_first_and_make_room_for_new_ones()
    {
        EventJournal first = new(TimeProvider.System);
        for (int i = 0; i < EventJournal.Capacity; i++) { first.Write("note", $"{i}"); }
        Assert.Null(File.Write(first.Copy()));

        EventJournal second = new(TimeProvider.System, earlier: File.Read());
        second.Write("start", "again");

        Assert.Equal(EventJournal.Capacity, second.Copy().Length);
        Assert.Equal(("1", "again"), (second.Copy()[0].Text, second.Copy()[^1].Text));
    }

    [Fact]
    public void Damaged_lines_are_left_out()
    {
        Assert.Null(File.Write([Owner, View]));
        byte[] whole = System.IO.File.ReadAllBytes(Path);

        System.IO.File.WriteAllBytes(Path, [.. "not a line\n\t\t\n2026-99-99\tx\ty\n"u8, 0xFF, 0, (byte)'\n', .. whole, .. whole[..20]]);

        Assert.Equal([Owner, View], File.Read().ToArray());
    }

    [Fact]
    public void A_file_that_is_not_there_or_far_too_long_is_as_an_empty_one()
    {
        Assert.Empty(File.Read());

        using (FileStream huge = new(Path, FileMode.Create)) { huge.SetLength(1L << 30); }

        Assert.Empty(File.Read());
    }

    [Fact]
    public void A_text_stays_on_its_line_and_has_an_end()
    {
        Assert.Null(File.Write([Owner with { Text = "a\nb\tc" + new string('x', 5000) }, View]));

        ClusterEvent[] read = [.. File.Read()];
        Assert.StartsWith("a b cxx", read[0].Text, StringComparison.Ordinal);
        Assert.InRange(Encoding.UTF8.GetByteCount(read[0].Text), 900, 1000);
        Assert.Equal(View, read[1]);
    }

    [Fact]
    public void Where_no_file_can_be_made_it_says_why()
    {
        Assert.NotNull(new EventFile(System.IO.Path.Combine(_folder.FullName, "none", "events")).Write([Owner]));
    }
}
