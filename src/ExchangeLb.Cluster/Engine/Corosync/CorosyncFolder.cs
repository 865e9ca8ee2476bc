using System;
using System.Globalization;
using System.IO;

namespace ExchangeLb.Cluster.Engine.Corosync;

/// <summary>The files of one node's Corosync: configuration, ring id, log, the process id of the last start, and its lock.</summary>
internal sealed class CorosyncFolder(string folder)
{
    internal string ConfigurationFile => Path.Combine(folder, "corosync.conf");

    internal string LogFile => Path.Combine(folder, "corosync.log");

    internal string StateFolder => Path.Combine(folder, "lib");

    /// <summary>Corosync locks /run/corosync.pid, whatever it is told: this is what it sees there.</summary>
    internal string LockFile => Path.Combine(folder, "corosync.lock");

    private string PidFile => Path.Combine(folder, "corosync.pid");

    /// <summary>Replaces the configuration as a whole; makes the folders.</summary>
    internal void Write(string configuration)
    {
        Directory.CreateDirectory(folder);
        Directory.CreateDirectory(StateFolder);
        File.Open(LockFile, FileMode.OpenOrCreate).Dispose();
        Replace(ConfigurationFile, configuration);
    }

    internal void RememberPid(int pid)
    {
        try { Replace(PidFile, pid.ToString(CultureInfo.InvariantCulture)); }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // Only what a killed one leaves in /dev/shm will not be found.
        }
    }

    /// <summary>Of the last start that was remembered.</summary>
    internal int? FormerPid() =>
        File.Exists(PidFile) && int.TryParse(File.ReadAllText(PidFile), CultureInfo.InvariantCulture, out int pid) && pid > 0 ? pid : null;

    private static void Replace(string path, string text)
    {
        File.WriteAllText(path + ".new", text);
        File.Move(path + ".new", path, overwrite: true);
    }
}
