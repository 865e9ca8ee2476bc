using System;
using System.IO;

namespace ExchangeLb.Clustering;

/// <summary>A node's state folder, for one balancer at a time.</summary>
internal sealed class StateFolder : IDisposable
{
    private readonly FileStream _lock;

    private StateFolder(FileStream held) => _lock = held;

    /// <summary>Makes the folder where it is missing, and takes its lock, which the kernel gives back when this process ends.</summary>
    /// <returns>Null, and what to do about it, in one sentence.</returns>
    public static StateFolder? Take(ClusterPaths paths, out string problem)
    {
        problem = "";
        try
        {
            const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
                | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
            Directory.CreateDirectory(paths.State, Mode);
            return new StateFolder(new FileStream(Path.Combine(paths.State, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException failure)
        {
            problem = File.Exists(Path.Combine(paths.State, "lock"))
                ? $"another exchangelb runs with the state folder {paths.State}: stop it, or give this one a folder of its own with --state"
                : $"--state {paths.State}: {failure.Message}";
        }
        catch (UnauthorizedAccessException failure)
        {
            problem = $"--state {paths.State}: {failure.Message}";
        }
        return null;
    }

    public void Dispose() => _lock.Dispose();
}
