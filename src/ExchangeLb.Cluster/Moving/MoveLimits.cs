using System;

namespace ExchangeLb.Cluster.Moving;

/// <summary>What a move of sessions may take, in time and room.</summary>
public static class MoveLimits
{
    /// <summary>From the moment that new connections are held back: an owner whose sessions are not all at the target by then keeps them; below what the ownership protocol bears with.</summary>
    public static readonly TimeSpan Whole = TimeSpan.FromSeconds(3.5);

    /// <summary>Without an answer to the first word by then the target is taken for unable.</summary>
    public static readonly TimeSpan Answer = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// A connection that is about to come is waited for, while nobody else waits: by the engine sessions would be frozen for longer than that. A process that has just started takes some 300 ms for
    /// its first handshake.
    /// </summary>
    public static readonly TimeSpan Connecting = TimeSpan.FromSeconds(1);

    /// <summary>So often it is looked for.</summary>
    public static readonly TimeSpan ConnectingLook = TimeSpan.FromMilliseconds(10);

    /// <summary>What was not told ahead, while sessions go on, so long after the target last got on is described when they are frozen.</summary>
    public static readonly TimeSpan Telling = TimeSpan.FromSeconds(2);

    /// <summary>The same however well it gets on, from the first word on: some 100,000 sessions, at 100 us each.</summary>
    public static readonly TimeSpan TellingInAll = TimeSpan.FromSeconds(12);

    /// <summary>Connections to servers that are just being made get so long to come about before all is frozen; what is left of them is made anew by the target.</summary>
    public static readonly TimeSpan Young = TimeSpan.FromMilliseconds(20);

    /// <summary>What waits for an answer is said again so often: the engine loses what crosses a change of view.</summary>
    public static readonly TimeSpan Again = TimeSpan.FromMilliseconds(100);

    /// <summary>After a send that the engine had no room for.</summary>
    public static readonly TimeSpan Busy = TimeSpan.FromMilliseconds(2);

    /// <summary>Adopted sessions whose owner says nothing more, neither "go" nor "cancel", are dropped after it.</summary>
    public static readonly TimeSpan Adopted = TimeSpan.FromSeconds(10);

    /// <summary>So, too, when this node has got the VIP meanwhile and clients wait: their old owner has had its time to speak.</summary>
    public static readonly TimeSpan AdoptedAsOwner = TimeSpan.FromSeconds(2);

    /// <summary>The stream is sent at most so far ahead of what the target has done with: bounds its memory, and how long renewals queue behind.</summary>
    public const int WindowBytes = 2 * 1024 * 1024;

    /// <summary>The same on a connection of their own, once sessions are frozen: no renewal waits behind it, and the target's word of its progress takes longer than what it is about.</summary>
    public const int ConnectionWindowBytes = 8 * 1024 * 1024;

    /// <summary>The target tells how far it is whenever it has done with so much.</summary>
    public const int ProgressBytes = WindowBytes / 8;

    /// <summary>The same of frozen sessions where there is a connection: each such word takes the engine five rounds. Half of <see cref="WindowBytes"/>, should the owner not use it.</summary>
    public const int ConnectionProgressBytes = ConnectionWindowBytes / 8;

    /// <summary>While more is being said the stream waits for so much: the engine, and the target's queue of messages, bear few large ones better than a message a session.</summary>
    public const int PieceBytes = 32 * 1024;

    /// <summary>Pieces that are sent before others have their turn.</summary>
    public const int PiecesAtOnce = 16;

    /// <summary>One session, with all bytes that are in its hands.</summary>
    public const int ImageBytes = 32 * 1024 * 1024;

    /// <summary>All of them, what was told ahead included, in the owner's memory.</summary>
    public const long StreamBytes = 640L * 1024 * 1024;
}
