using System;
using ExchangeLb.Cluster.Engine;

namespace ExchangeLb.Cluster.Replication;

/// <summary>Another member of the present view. Owner: the replication thread.</summary>
internal sealed class Peer(NodeId id)
{
    public NodeId Id => id;

    /// <summary>Of its present life; 0: nothing was heard of it in this view.</summary>
    public ulong Incarnation { get; private set; }

    /// <summary>The highest of this node's batches that it knows with all before it.</summary>
    public ulong Acknowledged { get; private set; }

    /// <summary>The highest of this node's batches that it has heard of.</summary>
    public ulong Heard { get; private set; }

    /// <summary>When it last said what it knows of this node; null: never.</summary>
    public TimeSpan? SpokeAt { get; private set; }

    /// <summary>It knows something of nodes that have gone which this node does not.</summary>
    public bool KnowsMore { get; set; }

    /// <summary>When this node last asked it for lessons; null: at once, if need be.</summary>
    public TimeSpan? AskedAt { get; set; }

    /// <summary>Of its lessons for this node: session, the next one, and when the last one came.</summary>
    public ulong Session { get; set; }
    public uint NextLesson { get; set; }
    public TimeSpan? LessonAt { get; set; }

    /// <summary>A message of it; false: from a life that has ended.</summary>
    public bool Speaks(ulong incarnation)
    {
        if (incarnation > Incarnation)
        {
            Incarnation = incarnation;
            Acknowledged = Heard = 0;
            SpokeAt = AskedAt = LessonAt = null;
            KnowsMore = false;
            Session = 0;
        }
        return incarnation == Incarnation;
    }

    /// <summary>True: it acknowledges something new.</summary>
    public bool Acknowledges(ulong known, ulong heard, TimeSpan now)
    {
        bool news = known > Acknowledged;
        Acknowledged = Math.Max(Acknowledged, known);
        Heard = Math.Max(Heard, heard);
        SpokeAt = now;
        return news;
    }
}
