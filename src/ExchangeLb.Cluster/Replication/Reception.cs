using System;
using System.Collections.Generic;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Cluster.Messages;
using ExchangeLb.Cluster.Replication.Knowing;
using ExchangeLb.Cluster.Replication.Outgoing;
using ExchangeLb.Cluster.Replication.Tables;
using ExchangeLb.Cluster.Replication.Teaching;
using ExchangeLb.Cluster.Replication.Wire;

namespace ExchangeLb.Cluster.Replication;

/// <summary>What peers say, by kind of message, and what this node does on hearing it.</summary>
internal sealed class Reception(
    ReplicationOptions options, Knowledge knowledge, BlockIntake intake, Outbox outbox, Teacher teacher, Pupil pupil, KnowledgeVoice voice,
    IReadOnlyDictionary<NodeId, Peer> peers)
{
    private readonly List<KnownStream> _streams = [];

    /// <summary>False: it is not to be believed.</summary>
    public bool Take(Peer peer, MessageType type, ref BodyReader reader, TimeSpan now)
    {
        switch (type)
        {
            case MessageType.Batch:
                return TakeBatch(peer, ref reader, now);
            case MessageType.Known:
                return TakeKnown(peer, ref reader, now);
            case MessageType.Ask:
                return TakeAsk(peer, ref reader, now);
            case MessageType.Lesson:
                return TakeLesson(peer, ref reader, now);
            case MessageType.Learned:
                return TakeLearned(peer, ref reader, now);
            default:
                return false;
        }
    }

    /// <returns>When a lesson is due next.</returns>
    public TimeSpan Teach(TimeSpan now)
    {
        voice.NoteOwn();
        return teacher.Advance(now);
    }

    private bool TakeBatch(Peer peer, ref BodyReader reader, TimeSpan now)
    {
        ulong number = reader.Counter();
        if (reader.Failed || !intake.TryTake(reader.TakeRest(), taught: false, (long)now.TotalMilliseconds))
        {
            return false;
        }
        knowledge.Heard(peer.Id, peer.Incarnation, number);
        voice.Acknowledge();
        return true;
    }

    private bool TakeKnown(Peer peer, ref BodyReader reader, TimeSpan now)
    {
        bool whole = reader.ZeroOrOne();
        if (!KnowledgeList.TryRead(ref reader, _streams))
        {
            return false;
        }
        foreach (KnownStream stream in _streams)
        {
            if (stream.Node == peer.Id && stream.Incarnation == peer.Incarnation)
            {
                knowledge.Announced(stream.Node, stream.Incarnation, stream.Known);
            }
            else if (stream.Node == options.Self && stream.Incarnation == options.Incarnation)
            {
                if (peer.Acknowledges(stream.Known, stream.Heard, now))
                {
                    outbox.Lag.Acknowledged(stream.Known, now);
                }
            }
            else if (whole && !WillTell(stream) && knowledge.Lacks(stream))
            {
                peer.KnowsMore = true;
            }
        }
        return true;
    }

    /// <summary>The node whose life it is will say itself what this node has missed of it.</summary>
    private bool WillTell(in KnownStream stream) =>
        peers.TryGetValue(stream.Node, out Peer? its) && (its.Incarnation == 0 || stream.Incarnation == its.Incarnation);

    private bool TakeAsk(Peer peer, ref BodyReader reader, TimeSpan now)
    {
        uint node = reader.Node();
        ulong incarnation = reader.Counter();
        if (!reader.WellDone)
        {
            return false;
        }
        if (node == options.Self.Value && incarnation == options.Incarnation)
        {
            teacher.Asked(peer.Id);
            Teach(now);
        }
        return true;
    }

    private bool TakeLesson(Peer peer, ref BodyReader reader, TimeSpan now)
    {
        LessonHead head = LessonHead.Read(ref reader);
        if (reader.Failed)
        {
            return false;
        }
        if (!pupil.IsFor(head))
        {
            return true;
        }
        if (Pupil.IsNext(peer, head, now) && !intake.TryTake(reader.TakeRest(), taught: true, (long)now.TotalMilliseconds))
        {
            return false;
        }
        pupil.Answer(peer, head);
        return true;
    }

    private bool TakeLearned(Peer peer, ref BodyReader reader, TimeSpan now)
    {
        uint by = reader.Node();
        ulong session = reader.Counter();
        uint lesson = reader.UInt32();
        if (!reader.WellDone)
        {
            return false;
        }
        if (by == options.Self.Value)
        {
            teacher.Learned(peer.Id, session, lesson);
            Teach(now);
        }
        return true;
    }
}
