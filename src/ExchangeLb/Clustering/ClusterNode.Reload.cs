using System;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Clustering;

/// <summary>How it goes on with other files.</summary>
internal sealed partial class ClusterNode
{
    /// <summary>After a reload: the cluster's own file, what the others compare, stick tables and servers that are new.</summary>
    public void NoteReload(ClusterModel model, ConfigurationHashes hashes)
    {
        _setup.Model = model;
        _hook.Command = model.Hook;
        _lease.Post(() => _node.Reload(model));
        _hashes = hashes;
        _lease.Post(Replace);
    }

    /// <summary>After a reload: servers may have come or gone. On the lease thread, which has the rights for raw sockets.</summary>
    private void Replace()
    {
        try
        {
            Surroundings next = new(_setup, Servers(), _clock);
            _surroundings.Dispose();
            _surroundings = next;
            WatchSurroundings();
        }
        catch (InvalidOperationException lack)
        {
            _journal.Write("kernel", $"the surroundings of before the reload go on being watched: {lack.Message}");
        }
    }
}
