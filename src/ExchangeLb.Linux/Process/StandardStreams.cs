using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Runtime.InteropServices;

namespace ExchangeLb.Linux.Process;

/// <summary>Descriptors 0, 1 and 2.</summary>
public static partial class StandardStreams
{
    private const int O_RDWR = 2;
    private const int O_CLOEXEC = 0x80000;

    /// <summary>
    /// Lets go of terminal, pipes and files that they were connected to; the numbers stay taken, so that no socket gets one of them and
    /// is written messages into. Copies are let go too: the runtime makes some at its start (5, 6 and 7 in .NET 10), and while one is
    /// open, whoever reads the other end waits for its end in vain.
    /// </summary>
    public static void ToDevNull()
    {
        int sink = open("/dev/null", O_RDWR | O_CLOEXEC);
        if (sink < 0)
        {
            return; // no /dev: nothing better can be done
        }
        foreach (int descriptor in WithCopies())
        {
            _ = dup2(sink, descriptor); // without FD_CLOEXEC, unlike the original
        }
        ReadinessPipe.Close(sink);
    }

    private static List<int> WithCopies()
    {
        List<int> found = [0, 1, 2];
        string?[] targets = [TargetOf("0"), TargetOf("1"), TargetOf("2")];
        foreach (string path in Directory.EnumerateFileSystemEntries("/proc/self/fd"))
        {
            string name = Path.GetFileName(path);
            string? target = TargetOf(name);
            // A socket may be ours by another right: `bind fd@N`.
            if (target is not null && !target.StartsWith("socket:", StringComparison.Ordinal) && Array.IndexOf(targets, target) >= 0)
            {
                found.Add(int.Parse(name, CultureInfo.InvariantCulture));
            }
        }
        return found;
    }

    /// <summary>What a descriptor refers to (`pipe:[1234]`, `/dev/pts/0`); null when it is closed.</summary>
    private static string? TargetOf(string descriptor)
    {
        try
        {
            return new FileInfo("/proc/self/fd/" + descriptor).LinkTarget;
        }
        catch (IOException)
        {
            return null;
        }
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc")]
    private static partial int dup2(int from, int to);
}
