namespace ExchangeLb.Proxy.Recording;

/// <summary>What a record tells of a session. Part of the encoding.</summary>
internal enum RecordKind : byte
{
    /// <summary>It exists and is active: the addresses of its connections.</summary>
    Established = 1,

    /// <summary>It is quiet: its image.</summary>
    Quiet = 2,

    /// <summary>It is quiet no more.</summary>
    Active = 3,

    Ended = 4,
}
