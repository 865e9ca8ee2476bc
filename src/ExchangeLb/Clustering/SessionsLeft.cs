namespace ExchangeLb.Clustering;

/// <summary>What is done with the sessions that a node still has of a VIP that it has lost.</summary>
internal enum SessionsLeft
{
    /// <summary>They have been cut, and their clients told.</summary>
    AreCut,

    /// <summary>They end without a packet, as others may go on with them; until then the node keeps itself from the VIP.</summary>
    AreEnding,

    /// <summary>They wait for who is owner next.</summary>
    AreKept,
}
