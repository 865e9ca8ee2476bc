using System.Collections.Generic;
using System.Net;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Runtime;
using ExchangeLb.Linux.Sockets;
using ExchangeLb.Proxy.Counters;

namespace ExchangeLb.Proxy.Backends;

/// <summary>
/// One server while it runs, from one configuration to the next as long as its name and address stay. What the administrator, the
/// checks and the configuration say of it is written by the control thread and read by the loops; the line of waiting sessions is
/// guarded by the backend's selection lock; counters belong to the loops.
/// </summary>
internal sealed class ServerState
{
    private volatile ServerModel _model;
    private volatile ServerAdminState _admin;
    private volatile ServerHealth _health;
    private volatile int _weight;

    public ServerState(BackendState backend, ServerModel model, int loops)
    {
        Backend = backend;
        _model = model;
        NameBytes = System.Text.Encoding.UTF8.GetBytes(model.Name);
        _weight = model.Weight;
        _admin = model.Disabled ? ServerAdminState.Maintenance : ServerAdminState.Ready;
        _health = model.Check ? ServerHealth.Up : ServerHealth.NotChecked;
        Address = SockAddress.From(new IPEndPoint(model.Address, model.PortIsOffset ? 0 : model.Port));
        Counters = new ServerSideCounters[loops];
        for (int i = 0; i < loops; i++)
        {
            Counters[i] = new ServerSideCounters();
        }
    }

    public BackendState Backend { get; }

    /// <summary>As the present configuration describes it. Name and address never change.</summary>
    public ServerModel Model
    {
        get => _model;
        set => _model = value;
    }

    public byte[] NameBytes { get; }

    /// <summary>With the port, unless that depends on the client's.</summary>
    public SockAddress Address { get; }

    /// <summary>One a loop.</summary>
    public ServerSideCounters[] Counters { get; }

    /// <summary>Sessions that this server has now.</summary>
    public SessionGauge Sessions { get; } = new();

    public ServerAdminState Admin
    {
        get => _admin;
        set => _admin = value;
    }

    public ServerHealth Health
    {
        get => _health;
        set => _health = value;
    }

    /// <summary>Effective weight, 0..256.</summary>
    public int Weight
    {
        get => _weight;
        set => _weight = value;
    }

    /// <summary>A session that is stuck to it may go there: it is up, be it drained or of weight 0.</summary>
    public bool ServesStuck => _health != ServerHealth.Down && _admin != ServerAdminState.Maintenance;

    /// <summary>Balancing may choose it.</summary>
    public bool ServesAll => _health != ServerHealth.Down && _admin == ServerAdminState.Ready && _weight > 0;

    // Guarded by the backend's selection lock.

    /// <summary>Index in the backend's servers; -1: it is not, or no longer, one of them.</summary>
    public int Index { get; set; } = -1;
    public LinkedList<Waiter> Line { get; } = new();
    public int MaxQueued { get; set; }
}
