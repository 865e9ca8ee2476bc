using System;
using ExchangeLb.Cluster.Engine;

namespace ExchangeLb.Cluster.Moving;

/// <summary>What two nodes say to each other while sessions move. Numbers are on the wire: only ever add.</summary>
public enum MoveMessageType : byte
{
    /// <summary>Owner: sessions of this VIP want to move to you. Count: about how many.</summary>
    Begin = 1,

    /// <summary>Target: send them.</summary>
    Willing = 2,

    /// <summary>Target: no, or no more; what came is dropped. Text: why.</summary>
    Refused = 3,

    /// <summary>Owner: a piece of the stream of images. Bytes: where in the stream it stands.</summary>
    Images = 4,

    /// <summary>Target: so many bytes of the stream are done with; more may be sent.</summary>
    Progress = 5,

    /// <summary>Owner: that was all. Count: images; Bytes: length of the stream.</summary>
    End = 6,

    /// <summary>Target: all came, and wait. Count: how many; Bytes: so many of them can't go on here, and end with the move; Text: why.</summary>
    Ready = 7,

    /// <summary>Owner: I have forgotten them; they are yours.</summary>
    Go = 8,

    /// <summary>Target: they run here. Count: how many.</summary>
    Done = 9,

    /// <summary>Owner: they stay with me; drop what came. Text: why.</summary>
    Cancel = 10,

    /// <summary>Owner: so much of the stream was told ahead; tell me when you are done with it, and I freeze. Bytes: where in the stream it ends. Form 2.</summary>
    Told = 11,
}

/// <param name="Vip">By <see cref="Ownership.OwnershipMessages.KeyOf"/>.</param>
/// <param name="To">Whom it is for; messages go to all.</param>
/// <param name="Move">The owner's number of this move, never used twice.</param>
/// <param name="Rest">Text (UTF-8), or bytes of the stream: see <see cref="MoveEntry"/>.</param>
public readonly ref struct MoveMessage(
    MoveMessageType Type, uint Vip, NodeId To, ulong Move, int Count = 0, long Bytes = 0, ReadOnlySpan<byte> Rest = default)
{
    public MoveMessageType Type { get; } = Type;
    public uint Vip { get; } = Vip;
    public NodeId To { get; } = To;
    public ulong Move { get; } = Move;
    public int Count { get; } = Count;
    public long Bytes { get; } = Bytes;
    public ReadOnlySpan<byte> Rest { get; } = Rest;

    public string Text => MoveMessages.TextOf(Rest);
}
