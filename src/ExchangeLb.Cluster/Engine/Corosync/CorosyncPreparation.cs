using System;
using System.IO;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Cluster.Engine.Corosync;

/// <summary>Makes a host ready for a Corosync that somebody else starts: a unit of systemd's, or an administrator. As root.</summary>
public static class CorosyncPreparation
{
    /// <summary>Why this node's Corosync could not be started here, with the remedy; null: it can, or runs already.</summary>
    /// <param name="folder">Absolute.</param>
    public static string? Obstacle(ClusterModel model, ClusterNodeModel self, string folder)
    {
        if (RunningCorosync.Find() is not { } running)
        {
            return CorosyncObstacle.Find(model, self);
        }
        return running.ConfigurationFile == new CorosyncFolder(folder).ConfigurationFile ? ClusterKey.Problem(model.KeyFile) : running.Foreign;
    }

    /// <summary>Writes what Corosync reads, and lets a user talk to it; removes what one that was killed left in memory.</summary>
    /// <param name="folder">Absolute; made where it is missing.</param>
    /// <param name="clientUser">Of balancer and guard; null: root.</param>
    /// <returns>The file that was written.</returns>
    /// <exception cref="IOException">The folder can't be used.</exception>
    /// <exception cref="UnauthorizedAccessException">So it is.</exception>
    public static string Write(ClusterModel model, string folder, uint? clientUser)
    {
        CorosyncFolder place = new(folder);
        if (place.FormerPid() is { } former && !RunningCorosync.IsCorosync(former)) { CorosyncSharedMemory.Remove(former); }
        place.Write(CorosyncConfiguration.Write(model, new CorosyncPlace(place.StateFolder) { ClientUser = clientUser }));
        return place.ConfigurationFile;
    }
}
