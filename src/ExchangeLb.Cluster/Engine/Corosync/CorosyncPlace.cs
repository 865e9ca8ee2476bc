namespace ExchangeLb.Cluster.Engine.Corosync;

/// <summary>Where one node's Corosync runs.</summary>
/// <param name="StateFolder">An existing folder, absolute, Corosync's alone; `ringid_N` lives there.</param>
public sealed record CorosyncPlace(string StateFolder)
{
    /// <summary>SCHED_RR: without it tokens below 300 ms are lost now and then on a busy host. Corosync goes on without where the host refuses.</summary>
    public bool RealTime { get; init; } = true;

    /// <summary>The user that balancer and guard run as; null: root, who needs no permission.</summary>
    public uint? ClientUser { get; init; }
}
