using System.Globalization;
using System.IO;
using System.Linq;

namespace ExchangeLb.Linux.Process;

/// <summary>
/// A killed process is a while in ending: each packet socket that the kernel closes for it waits for an RCU grace period, 20 ms and more on a busy
/// machine, and only then does its pidfd become readable. What it can do has an end much earlier.
/// </summary>
public static class ProcessEnd
{
    private const ulong PF_EXITING = 0x4;   // linux/sched.h; the ninth field of /proc/PID/stat, proc(5)
    private const int FlagsAfterName = 6;

    /// <summary>
    /// Every thread of it has begun to exit (do_exit() sets the flag first), or there is none: none runs a line or a system call any more. Only
    /// meaningful once SIGKILL was sent, after which no thread can begin.
    /// </summary>
    public static bool CanDoNothing(int pid)
    {
        try
        {
            return Directory.EnumerateDirectories(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/task")).All(IsExiting);
        }
        catch (DirectoryNotFoundException)
        {
            return true;
        }
    }

    private static bool IsExiting(string thread)
    {
        string stat;
        try
        {
            stat = File.ReadAllText(Path.Combine(thread, "stat"));
        }
        catch (IOException)
        {
            return !Directory.Exists(thread);
        }
        // "PID (name) state ppid pgrp session tty tpgid flags ...": the name may hold anything, so count from its end.
        string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return fields.Length > FlagsAfterName && ulong.TryParse(fields[FlagsAfterName], CultureInfo.InvariantCulture, out ulong flags) && (flags & PF_EXITING) != 0;
    }
}
