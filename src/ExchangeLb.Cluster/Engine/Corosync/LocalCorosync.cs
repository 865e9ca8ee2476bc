using ExchangeLb.Linux.Corosync;

namespace ExchangeLb.Cluster.Engine.Corosync;

/// <summary>Opens connections to the Corosync of this host, if it is this node's: a host may run another cluster's.</summary>
internal sealed class LocalCorosync(CorosyncOptions options)
{
    private bool _told;

    /// <summary>CS_ERR_INVALID_PARAM: it is another node's, which has been told, once.</summary>
    internal CorosyncError Open(out CpgConnection? connection)
    {
        CorosyncError error = CpgConnection.Open(out connection);
        if (error != CorosyncError.CS_OK || connection!.LocalNode == options.Self.Value)
        {
            _told &= error != CorosyncError.CS_OK;
            return error;
        }
        if (!_told)
        {
            _told = true;
            options.Note("engine", $"the Corosync that answers here is node {connection.LocalNode}, this is node {options.Self} of {options.Model.Name}: not joined");
        }
        connection.Dispose();
        connection = null;
        return CorosyncError.CS_ERR_INVALID_PARAM;
    }
}
