namespace ExchangeLb.Core.Stick;

/// <summary>What storing an entry did.</summary>
public enum StoreOutcome
{
    /// <summary>The key led to this server already; its expiry is refreshed.</summary>
    Unchanged,

    /// <summary>A new key.</summary>
    Added,

    /// <summary>The key led to another server until now.</summary>
    Changed,

    /// <summary>The table is full and `nopurge`.</summary>
    Refused,
}

/// <summary>What merging a peer's update did.</summary>
public enum MergeOutcome
{
    Added,

    /// <summary>The update was newer than what the table had.</summary>
    Replaced,

    /// <summary>The table has this version or a newer one; nothing changed.</summary>
    Stale,

    /// <summary>Full: `nopurge`, or the update would be the next to be purged; or it had expired on the way.</summary>
    Refused,
}
