using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Cluster.Replication.Knowing;
using ExchangeLb.Cluster.Replication.Settings;
using ExchangeLb.Cluster.Replication.Tables;
using ExchangeLb.Cluster.Replication.Wire;

namespace ExchangeLb.Cluster.Replication.Teaching;

/// <summary>
/// Teaches those who ask, all at once in one session, the next lesson only when every pupil has learned the last: so at most one message of it
/// is under way, whatever the tables hold, and nobody's batches or renewals wait for it. Owner: the replication thread.
/// </summary>
internal sealed class Teacher(
    NodeId self, ulong incarnation, Knowledge knowledge, TableDirectory tables, SettingRegisters settings, IReplicationSender sender)
{
    /// <summary>An unanswered lesson is repeated after so long, and given up after so many times.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private const int RepeatsMax = 5;
    private const int PupilsMax = 255;

    private readonly ReplicationBody _body = new(Replicator.BodyMaxBytes);
    private readonly HashSet<NodeId> _waiting = [];
    private readonly HashSet<NodeId> _pupils = [];
    private readonly HashSet<NodeId> _learning = [];
    private StickBlockWriter? _block;
    private LessonSource? _source;
    private ulong _session;
    private uint _lesson;
    private bool _last;
    private bool _sent;
    private int _repeats;
    private TimeSpan _sentAt;
    private ImmutableArray<(NodeId Node, long Entries, bool Complete)> _progress = [];

    /// <summary>The present or last session. Any thread.</summary>
    public ImmutableArray<(NodeId Node, long Entries, bool Complete)> Progress => ImmutableInterlocked.InterlockedCompareExchange(ref _progress, default, default);

    /// <summary>One that is being taught and asks has missed something: it begins anew.</summary>
    public void Asked(NodeId pupil)
    {
        Left(pupil);
        _waiting.Add(pupil);
    }

    /// <summary>It is no member any more.</summary>
    public void Left(NodeId node)
    {
        _waiting.Remove(node);
        _learning.Remove(node);
        _pupils.Remove(node);
    }

    public void Learned(NodeId pupil, ulong session, uint lesson)
    {
        if (_source is not null && session == _session && lesson == _lesson)
        {
            _learning.Remove(pupil);
        }
    }

    /// <summary>Does what is due. Returns when something is next: at once when a lesson could not be sent.</summary>
    public TimeSpan Advance(TimeSpan now)
    {
        if (_source is not null && _sent && _learning.Count == 0)
        {
            EndLesson(now);
        }
        if (_source is null && _waiting.Count > 0)
        {
            Begin(now);
        }
        if (_source is null)
        {
            return TimeSpan.MaxValue;
        }
        if (_sent && now - _sentAt >= Patience)
        {
            _sent = false;
            if (++_repeats > RepeatsMax)
            {
                EndSession(complete: false);       // who still wants it asks again
                return now;
            }
        }
        if (!_sent && (_sent = sender.Send(_body.Body)))
        {
            _sentAt = now;
        }
        return _sent ? _sentAt + Patience : now;
    }

    private void Begin(TimeSpan now)
    {
        _pupils.UnionWith(_waiting.Take(PupilsMax));
        _waiting.ExceptWith(_pupils);
        _session++;
        _lesson = 0;
        _source = new LessonSource(tables.All, settings.All(), [.. knowledge.Streams()]);
        Write(now);
    }

    private void EndLesson(TimeSpan now)
    {
        if (_last || _pupils.Count == 0)
        {
            EndSession(complete: _last);
            return;
        }
        _lesson++;
        Write(now);
    }

    private void EndSession(bool complete)
    {
        Report(complete);
        _source = null;
        _pupils.Clear();
        _learning.Clear();
    }

    /// <summary>Writes the present lesson; the head's `last` is known only when its rest is written.</summary>
    private void Write(TimeSpan now)
    {
        _block ??= new StickBlockWriter(_body);
        _learning.UnionWith(_pupils);
        _sent = false;
        _repeats = 0;
        _body.Begin(MessageType.Lesson, incarnation);
        _body.UInt64(_session);
        _body.UInt32(_lesson);
        int lastAt = _body.Length;
        _body.Byte(0);
        _body.Byte((byte)_pupils.Count);
        foreach (NodeId pupil in _pupils)
        {
            _body.UInt32(pupil.Value);
        }
        _last = _source!.Fill(_body, _block, (long)now.TotalMilliseconds);
        _body.SetByte(lastAt, _last ? (byte)1 : (byte)0);
        Report(complete: false);
    }

    private void Report(bool complete) => ImmutableInterlocked.InterlockedExchange(
        ref _progress, [.. _pupils.Where(pupil => pupil != self).Select(pupil => (pupil, _source!.Written, complete))]);
}
