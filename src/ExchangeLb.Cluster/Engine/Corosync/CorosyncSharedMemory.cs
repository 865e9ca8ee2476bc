using System;
using System.IO;

namespace ExchangeLb.Cluster.Engine.Corosync;

/// <summary>
/// What a Corosync that was killed leaves in /dev/shm: about 16 MB of flight recorder, and 3 MB for each client. The names carry its
/// process id: `qb-corosync-PID-…`, and `qb-PID-CLIENT-…` for a connection. Clients that still map them are not disturbed.
/// </summary>
internal static class CorosyncSharedMemory
{
    private const string Folder = "/dev/shm";

    /// <param name="pid">Of a Corosync that has ended.</param>
    internal static void Remove(int pid, string folder = Folder)
    {
        try
        {
            foreach (string pattern in (ReadOnlySpan<string>)[$"qb-corosync-{pid}-*", $"qb-{pid}-*"])
            {
                foreach (string file in Directory.GetFiles(folder, pattern)) { File.Delete(file); }
                foreach (string connection in Directory.GetDirectories(folder, pattern)) { Directory.Delete(connection, recursive: true); }
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // Somebody else's, or gone meanwhile: memory that is lost until the next start, nothing more.
        }
    }
}
