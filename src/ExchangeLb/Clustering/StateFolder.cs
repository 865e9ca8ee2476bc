using System;
using System.Globalization;
using System.IO;
using System.Text;

namespace ExchangeLb.Clustering;

/// <summary>A node's state folder, for one balancer at a time.</summary>
internal sealed class StateFolder : IDisposable
{
    /// <summary>2200, in nanoseconds.</summary>
    private const ulong LatestBelievable = 7_258_118_400_000_000_000;

    private readonly FileStream _lock;
    private readonly string _incarnation;

    private StateFolder(FileStream held, ClusterPaths paths) => (_lock, _incarnation) = (held, paths.Incarnation);

    /// <summary>Makes the folder where it is missing, and takes its lock, which the kernel gives back when this process ends.</summary>
    /// <param name="again">Asked where another process has the lock, which may be about to end: true, after a while, to try once more; null: not once.</param>
    /// <returns>Null, and what to do about it, in one sentence.</returns>
    public static StateFolder? Take(ClusterPaths paths, out string problem, Func<bool>? again = null)
    {
        StateFolder? taken;
        do
        {
            taken = Take(paths, out problem, out bool isHeld);
            if (!isHeld) { break; }
        }
        while (again?.Invoke() == true);
        return taken;
    }

    private static StateFolder? Take(ClusterPaths paths, out string problem, out bool isHeld)
    {
        problem = "";
        isHeld = false;
        try
        {
            const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
                | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
            Directory.CreateDirectory(paths.State, Mode);
            return new StateFolder(new FileStream(Path.Combine(paths.State, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None), paths);
        }
        catch (IOException failure)
        {
            isHeld = File.Exists(Path.Combine(paths.State, "lock"));
            problem = isHeld
                ? $"another exchangelb runs with the state folder {paths.State}: stop it, or give this one a folder of its own with --state"
                : $"--state {paths.State}: {failure.Message}";
        }
        catch (UnauthorizedAccessException)
        {
            problem = $"this user can't write the state folder {paths.State}: start exchangelb as root, or name a folder of its own with --state";
        }
        return null;
    }

    /// <summary>
    /// The incarnation of a life that begins now: nanoseconds of the wall clock, or one more than that of the life before when the clock was set back
    /// since. It is in the file before it is used. What remains is a folder that was lost together with the time of day, as under /run after a reboot
    /// of a host without a clock: peers believe such a life once they have seen the node away (`PeerState`).
    /// </summary>
    /// <param name="now">UTC.</param>
    /// <returns>Null, and what is wrong, in one sentence.</returns>
    public ulong? NextIncarnation(DateTime now, out string problem)
    {
        problem = "";
        ulong wall = (ulong)(now - DateTime.UnixEpoch).Ticks * 100;
        try
        {
            ulong last = File.Exists(_incarnation) && ulong.TryParse(File.ReadAllText(_incarnation), NumberStyles.None, CultureInfo.InvariantCulture, out ulong read) ? read : 0;
            // A damaged file, or one of a day far ahead of any clock, must not take all later incarnations away.
            ulong next = last < LatestBelievable ? Math.Max(wall, last + 1) : wall;
            string fresh = _incarnation + ".new";
            using (FileStream file = new(fresh, FileMode.Create, FileAccess.Write))
            {
                file.Write(Encoding.ASCII.GetBytes(next.ToString(CultureInfo.InvariantCulture)));
                file.Flush(flushToDisk: true);
            }
            File.Move(fresh, _incarnation, overwrite: true);
            return next;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            problem = $"{_incarnation}: {failure.Message}";
            return null;
        }
    }

    public void Dispose() => _lock.Dispose();
}
