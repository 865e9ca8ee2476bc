using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using ExchangeLb.Core.Runtime;

namespace ExchangeLb.Cluster.Events;

/// <summary>
/// The last events of a node in a file, so that they outlive its restart: one a line, UTC time, kind and text between tabs, for people and for grep.
/// It is replaced whole, so that it is there as before or as it shall be. Not thread-safe.
/// </summary>
public sealed class EventFile(string path)
{
    private const string TimeForm = "yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'";
    private const int TextMax = 1000;

    /// <summary>More than all that is ever written; a longer file is not ours.</summary>
    private const int BytesMax = EventJournal.Capacity * 8192;

    /// <summary>The newest last, at most <see cref="EventJournal.Capacity"/>; lines that are damaged are left out, and so is a file that can't be read.</summary>
    public ImmutableArray<ClusterEvent> Read()
    {
        try
        {
            FileInfo file = new(path);
            return !file.Exists || file.Length > BytesMax ? []
                : [.. File.ReadAllText(path, Encoding.UTF8).Split('\n').Select(Parse).OfType<ClusterEvent>().TakeLast(EventJournal.Capacity)];
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <returns>Null, or why they could not be kept.</returns>
    public string? Write(IEnumerable<ClusterEvent> events)
    {
        string fresh = path + ".new";
        try
        {
            using (FileStream file = new(fresh, FileMode.Create, FileAccess.Write))
            {
                file.Write(Encoding.UTF8.GetBytes(string.Concat(events.TakeLast(EventJournal.Capacity).Select(Line))));
                file.Flush(flushToDisk: true);
            }
            File.Move(fresh, path, overwrite: true);
            return null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return failure.Message;
        }
    }

    private static string Line(ClusterEvent happened) => string.Create(CultureInfo.InvariantCulture,
        $"{happened.Unix.UtcDateTime.ToString(TimeForm, CultureInfo.InvariantCulture)}\t{OneWord(happened.Kind)}\t{OneWord(happened.Text)}\n");

    private static string OneWord(string text) => (text.Length > TextMax ? text[..TextMax] : text).ReplaceLineEndings(" ").Replace('\t', ' ');

    private static ClusterEvent? Parse(string line)
    {
        string[] parts = line.Split('\t');
        return parts.Length == 3 && parts[1].Length > 0
            && DateTime.TryParseExact(parts[0], TimeForm, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTime time)
            ? new ClusterEvent(new DateTimeOffset(time), parts[1], parts[2]) : null;
    }
}
