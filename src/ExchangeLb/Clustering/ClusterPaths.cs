using System;
using System.IO;
using ExchangeLb.Clustering.Guarding;

namespace ExchangeLb.Clustering;

/// <summary>All that a node writes, under its state folder: two nodes on one machine have two folders.</summary>
internal sealed record ClusterPaths(string State, string ClusterFile)
{
    public string ControlSocket => Path.Combine(State, "control.sock");

    public string GuardSocket => Path.Combine(State, GuardTalk.SocketName);

    public string GuardLog => Path.Combine(State, GuardTalk.LogName);

    /// <summary>A folder that outlives the host's restart, which systemd names where a unit asks for one (StateDirectory=); null: there is none.</summary>
    private static string? Lasting => Environment.GetEnvironmentVariable("STATE_DIRECTORY");

    /// <summary>What the guard left of a dead process's sessions, for the next one.</summary>
    public string LeftRecords => Path.Combine(State, "records");

    /// <summary>
    /// There while the node is in standby, so that it stays so across a restart of the program; across one of the host where the folder outlives it,
    /// which one under /run (the default) does not.
    /// </summary>
    public string Standby => Path.Combine(Lasting ?? State, "standby");

    public bool StandbyOutlivesHost => !Standby.StartsWith("/run/", StringComparison.Ordinal);

    /// <summary>The number of the last life that began here.</summary>
    public string Incarnation => Path.Combine(Lasting ?? State, "incarnation");

    /// <summary>The last events, so that they outlive a restart.</summary>
    public string Events => Path.Combine(Lasting ?? State, "events");

    /// <summary>Corosync's own folder: its configuration, its log, its ring id.</summary>
    public string Corosync => Path.Combine(State, "corosync");
}
