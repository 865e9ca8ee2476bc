using System;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Cluster.Replication.Knowing;
using ExchangeLb.Cluster.Replication.Wire;

namespace ExchangeLb.Cluster.Replication.Teaching;

/// <summary>Asks to be taught by whoever knows what this node missed, and says what it has learned. Owner: the replication thread.</summary>
internal sealed class Pupil(NodeId self, ulong incarnation, Knowledge knowledge, IReplicationSender sender)
{
    private readonly ReplicationBody _body = new(64);

    /// <summary>Asks if need be. Returns when to look again.</summary>
    public TimeSpan AskIfDue(Peer peer, TimeSpan now)
    {
        if (peer.Incarnation == 0 || !(peer.KnowsMore || knowledge.IsBroken(peer.Id, peer.Incarnation)))
        {
            return TimeSpan.MaxValue;
        }
        TimeSpan due = Later(peer.AskedAt, peer.LessonAt) is { } last ? last + Teacher.Patience : now;
        if (due > now)
        {
            return due;
        }
        _body.Begin(MessageType.Ask, incarnation);
        _body.UInt32(peer.Id.Value);
        _body.UInt64(peer.Incarnation);
        if (!sender.Send(_body.Body))
        {
            return now;
        }
        peer.AskedAt = now;
        return now + Teacher.Patience;
    }

    /// <summary>A lesson for this node has come. True: it is the next one, to be learned.</summary>
    public static bool IsNext(Peer teacher, in LessonHead lesson, TimeSpan now)
    {
        if (lesson.Index == 0 && lesson.Session > teacher.Session)
        {
            teacher.Session = lesson.Session;
            teacher.NextLesson = 0;
        }
        if (lesson.Session != teacher.Session)
        {
            return false;
        }
        teacher.LessonAt = now;
        return lesson.Index == teacher.NextLesson;
    }

    /// <summary>It was learned, now or before (then the answer was lost).</summary>
    public void Answer(Peer teacher, in LessonHead lesson)
    {
        if (lesson.Session != teacher.Session || lesson.Index > teacher.NextLesson)
        {
            return;
        }
        if (lesson.Index == teacher.NextLesson)
        {
            teacher.NextLesson++;
            if (lesson.Last)
            {
                teacher.KnowsMore = false;
                teacher.AskedAt = teacher.LessonAt = null;
            }
        }
        _body.Begin(MessageType.Learned, incarnation);
        _body.UInt32(teacher.Id.Value);
        _body.UInt64(lesson.Session);
        _body.UInt32(lesson.Index);
        sender.Send(_body.Body);        // when it is refused the lesson is repeated
    }

    /// <summary>True: the lesson is for this node.</summary>
    public bool IsFor(in LessonHead lesson) => lesson.HasPupil(self);

    private static TimeSpan? Later(TimeSpan? left, TimeSpan? right) => left is null || right > left ? right : left;
}
