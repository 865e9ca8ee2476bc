namespace ExchangeLb.Cluster.Replication.Wire;

/// <summary>
/// What a replication message says. All begin with form (1), type (1) and the sender's incarnation (8); numbers are little-endian. On the
/// wire: only ever add.
/// </summary>
internal enum MessageType : byte
{
    /// <summary>Number (8), then blocks: what changed at the sender.</summary>
    Batch = 1,

    /// <summary>Whole (1: 0 or 1), then a knowledge list: what the sender knows of all (1), or of present members (0: an acknowledgement).</summary>
    Known = 2,

    /// <summary>Node (4), its incarnation (8): teach me.</summary>
    Ask = 3,

    /// <summary>Session (8), index (4), last (1: 0 or 1), pupils (1), their nodes (4 each), then blocks: everything that the sender has, piece by piece.</summary>
    Lesson = 4,

    /// <summary>Teacher (4), session (8), index (4): that lesson has been learned.</summary>
    Learned = 5,
}

/// <summary>Part of a batch or lesson: kind (1), length of the rest (4), the rest. Blocks of unknown kinds are left out. Only ever add.</summary>
internal enum BlockKind : byte
{
    /// <summary>Entries of one stick table: see <see cref="StickBlockWriter"/>.</summary>
    Stick = 1,

    /// <summary>See <see cref="ClearBlock"/>.</summary>
    Clear = 2,

    /// <summary>See <see cref="SettingBlock"/>.</summary>
    Setting = 3,

    /// <summary>A knowledge list: what a pupil knows once it has learned all lessons of a session.</summary>
    Knowledge = 4,
}
