namespace ExchangeLb.Linux.Corosync;

/// <summary>Hears what comes while <see cref="QuorumConnection.Dispatch"/> runs, on its thread.</summary>
public interface IQuorumListener
{
    /// <summary>The verdict on one ring. It says nothing about any other.</summary>
    void QuorumDecided(RingId ring, bool quorate);
}
