using System;

namespace ExchangeLb.Cluster.Engine.Corosync;

/// <summary>A line of Corosync's log: `Nov 22 15:48:31.119 warning [MAIN  ] text`.</summary>
internal static class CorosyncLogLine
{
    private static readonly string[] Graves = [" error ", " crit ", " alert ", " emerg "];

    /// <summary>Corosync's last words before it gives up are of such a level.</summary>
    internal static bool IsGrave(string line) => Level(line) is { } level && Array.Exists(Graves, grave => level.Contains(grave, StringComparison.Ordinal)) && !IsFarewell(line);

    internal static bool SaysReady(string line) => line.Contains("ready to provide service", StringComparison.Ordinal);

    /// <summary>
    /// `… [KNET  ] rx: Unable to decrypt packet from 192.168.200.22:5405 (size 80)!`: who sent it has another key. The address and port; null: another line.
    /// </summary>
    internal static string? Undeciphered(string line)
    {
        const string Before = "Unable to decrypt packet from ";
        int start = line.IndexOf(Before, StringComparison.Ordinal);
        int end = start < 0 ? -1 : line.IndexOf(' ', start + Before.Length);
        return end < 0 ? null : line[(start + Before.Length)..end];
    }

    internal static string Text(string line) => line[(line.IndexOf(']', StringComparison.Ordinal) + 1)..].Trim();

    /// <summary>`… exiting with status 18 at main.c:1234.`: true of every failure, so it explains none.</summary>
    private static bool IsFarewell(string line) => line.Contains("Corosync Cluster Engine exiting", StringComparison.Ordinal);

    private static string? Level(string line) => line.IndexOf('[', StringComparison.Ordinal) is > 0 and int end ? line[..end] : null;
}
