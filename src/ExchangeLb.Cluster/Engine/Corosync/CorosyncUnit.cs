namespace ExchangeLb.Cluster.Engine.Corosync;

/// <summary>Where a package runs this node's Corosync: as a unit of systemd's, of root, from a folder of root's.</summary>
public static class CorosyncUnit
{
    public const string Name = "exchangelb-corosync.service";

    /// <summary>Holds its configuration and its ring id. Not under the balancer's own folder, whose user is not root.</summary>
    public const string Folder = "/var/lib/exchangelb-corosync";
}
