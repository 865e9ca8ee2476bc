using ExchangeLb.Cluster.Engine;

namespace ExchangeLb.Cluster.Kernel;

/// <summary>Hears, inside <see cref="VipKernel.Drain"/> and on its thread, what the network and others on this host did.</summary>
public interface IVipKernelObserver
{
    /// <summary>Somebody else answered for the VIP, or used it as sender.</summary>
    /// <param name="hardwareAddress">48 bits; never of this host.</param>
    /// <param name="node">Whose it is; null: no node of the cluster is known by it.</param>
    void VipAnswered(int vip, ulong hardwareAddress, NodeId? node);

    /// <summary>The peer's kernel answered <see cref="VipKernel.SendPeerProbe"/>.</summary>
    void PeerAnswered(NodeId peer);

    /// <summary>The VIP's device came up with carrier, or has gone down. Also when its hardware address changed: up, once more.</summary>
    void LinkChanged(int vip, bool up);

    /// <summary>Others had changed or deleted the fence; it stands again, with the leases that had not run out.</summary>
    void RulesFlushed();
}
