using System.Diagnostics;
using ExchangeLb.Linux.Process;

namespace ExchangeLb.Cluster.Engine.Corosync;

/// <summary>The command that starts Corosync in the foreground. Every part of it execs the next, so that there is one process with one id.</summary>
internal static class CorosyncCommand
{
    // Corosync takes the lock of /run/corosync.pid, so that each of several nodes on one machine needs such a file of its own. The rest of /run
    // stays in sight: the state folder or the key may be there.
    private const string PrivateLock = "touch /run/corosync.pid && mount --bind \"$1\" /run/corosync.pid && shift && exec \"$@\"";

    internal static ProcessStartInfo For(CorosyncFolder folder)
    {
        ProcessStartInfo start = new() { RedirectStandardError = true, RedirectStandardInput = true, UseShellExecute = false };
        // 1. A mount namespace, where we are allowed to make one. In a container that lacks the right /run is its own anyway.
        if (Capabilities.Effective.HasFlag(Capability.CAP_SYS_ADMIN) && CorosyncObstacle.Find("unshare") is { } unshare)
        {
            Add(start, unshare, "--mount", "--", "/bin/sh", "-c", PrivateLock, "sh", folder.LockFile);
        }
        // 2. It ends with the thread that starts it, however that ends.
        if (CorosyncObstacle.Find("setpriv") is { } setpriv) { Add(start, setpriv, "--pdeathsig", "TERM", "--"); }
        // 3. Itself.
        Add(start, CorosyncObstacle.Program()!, "-f", "-c", folder.ConfigurationFile);
        // The host process's own dealings with systemd are not Corosync's.
        start.Environment.Remove("NOTIFY_SOCKET");
        start.Environment.Remove("LISTEN_FDS");
        start.Environment.Remove("LISTEN_PID");
        start.Environment.Remove("WATCHDOG_USEC");
        return start;
    }

    private static void Add(ProcessStartInfo start, params string[] words)
    {
        foreach (string word in words)
        {
            if (start.FileName.Length == 0) { start.FileName = word; }
            else { start.ArgumentList.Add(word); }
        }
    }
}
