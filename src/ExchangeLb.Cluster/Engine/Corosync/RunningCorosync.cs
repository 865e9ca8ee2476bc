using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using ExchangeLb.Linux.Process;

namespace ExchangeLb.Cluster.Engine.Corosync;

/// <summary>A Corosync that runs in the calling thread's network namespace: there is room for one, since its sockets have fixed names.</summary>
/// <param name="ConfigurationFile">Its `-c`; null: the distribution's own.</param>
internal sealed record RunningCorosync(int Pid, string? ConfigurationFile)
{
    private const string OwnNamespace = "/proc/thread-self/ns/net";

    /// <summary>Null: none that can be seen from here.</summary>
    internal static RunningCorosync? Find()
    {
        string? here = Link(OwnNamespace);
        foreach (int pid in Processes())
        {
            if (Text($"/proc/{pid}/comm").TrimEnd('\n') == "corosync" && Link($"/proc/{pid}/ns/net") == here)
            {
                return new RunningCorosync(pid, Option(Text($"/proc/{pid}/cmdline").Split('\0')));
            }
        }
        return null;
    }

    internal static bool IsCorosync(int pid) => Text($"/proc/{pid}/comm").TrimEnd('\n') == "corosync";

    /// <summary>For people: it is in the way.</summary>
    internal string Foreign => ConfigurationFile is { } file
        ? $"another Corosync runs on this host, process {Pid} with {file}: there is room for one, stop it"
        : $"the distribution's corosync.service runs on this host, process {Pid}: there is room for one Corosync, stop it (systemctl disable --now corosync)";

    internal void Terminate() => Signals.Send(Pid, Signal.SIGTERM);

    internal void Kill() => Signals.Send(Pid, Signal.SIGKILL);

    private static IEnumerable<int> Processes() =>
        Directory.EnumerateDirectories("/proc").Select(folder => int.TryParse(Path.GetFileName(folder), out int pid) ? pid : 0).Where(pid => pid > 0);

    private static string? Option(string[] arguments)
    {
        int option = Array.IndexOf(arguments, "-c");
        return option >= 0 && option + 1 < arguments.Length ? arguments[option + 1] : null;
    }

    // A process may end, or be another user's, between two looks at it.
    private static string Text(string path)
    {
        try { return File.ReadAllText(path); }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException) { return ""; }
    }

    private static string? Link(string path)
    {
        try { return new FileInfo(path).LinkTarget; }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException) { return null; }
    }
}
