using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Cluster.Messages;
using ExchangeLb.Cluster.Ownership;
using ExchangeLb.Cluster.Replication.Knowing;
using ExchangeLb.Cluster.Replication.Outgoing;
using ExchangeLb.Cluster.Replication.Settings;
using ExchangeLb.Cluster.Replication.Tables;
using ExchangeLb.Cluster.Replication.Teaching;
using ExchangeLb.Cluster.Replication.Wire;
using ExchangeLb.Core.Runtime;

namespace ExchangeLb.Cluster.Replication;

/// <summary>
/// Keeps this node's stick tables, and what administrators ordered about its servers, equal to the other nodes'. Local writes leave in
/// numbered batches; peers acknowledge numbers; whoever finds one missing, for whatever reason, asks to be taught everything. Versions decide
/// what is later, so nothing has to arrive once or in order.
/// </summary>
/// <remarks>
/// Threads: constructor, <see cref="ViewChanged"/>, <see cref="MessageArrived"/> and <see cref="Tick"/> one after the other, by the
/// replication thread; all else by any. Nothing waits. The clock is the one by which the tables' entries expire (CLOCK_MONOTONIC).
/// </remarks>
public sealed class Replicator : IServerSettingSink
{
    /// <summary>Largest message: fills Corosync's, and is sent in a fraction of a millisecond, so that a lease renewal behind it is not late.</summary>
    public const int BodyMaxBytes = 16 * 1024;

    /// <summary>Between two batches, unless one is full.</summary>
    public static readonly TimeSpan BatchInterval = TimeSpan.FromMilliseconds(2);

    /// <summary>Between two statements of what this node knows; they mend whatever else was lost.</summary>
    public static readonly TimeSpan KnownInterval = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan KnownIntervalWhenLosing = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(1);

    /// <summary>Batches that a peer may have before it without having acknowledged them; one that is silent for long is not waited for.</summary>
    private const int WindowBatches = 64;
    private const int BatchesAtOnce = 16;

    /// <summary>Updates that fill a batch, or nearly.</summary>
    private const int FullBatch = 400;

    private readonly ReplicationOptions _options;
    private readonly IReplicatedState _state;
    private readonly IReplicationSender _sender;
    private readonly IMonotonicClock _clock;
    private readonly UpdateQueue _queue;
    private readonly TableDirectory _tables;
    private readonly SettingRegisters _settings;
    private readonly Knowledge _knowledge = new();
    private readonly Outbox _outbox;
    private readonly BlockIntake _intake;
    private readonly Teacher _teacher;
    private readonly Pupil _pupil;
    private readonly Dictionary<NodeId, Peer> _peers = [];
    private readonly List<KnownStream> _streams = [];
    private readonly ReplicationBody _body = new(64 + KnowledgeList.MaxBytes);
    private ReplicatedContent _content = ReplicatedContent.Empty;
    private TimeSpan _nextFlush;
    private TimeSpan _knownAt;
    private TimeSpan _knownDue;
    private bool _mustAcknowledge;
    private long _rejectedTotal;

    /// <param name="wake">Called by any thread when there is something to send and <see cref="Tick"/> was told to come later; null: it comes every few ms.</param>
    public Replicator(ReplicationOptions options, IReplicatedState state, IReplicationSender sender, IMonotonicClock clock, Action? wake = null)
    {
        _options = options;
        _state = state;
        _sender = sender;
        _clock = clock;
        _queue = new UpdateQueue(options.QueueLength, wake);
        _tables = new TableDirectory(options.Self, options.Incarnation, _queue);
        _settings = new SettingRegisters(options.Self, options.Incarnation, state);
        _outbox = new Outbox(_queue, _tables, _settings, sender, options.Incarnation);
        _intake = new BlockIntake(_tables, _settings, _knowledge);
        _teacher = new Teacher(options.Self, options.Incarnation, _knowledge, _tables, _settings, sender);
        _pupil = new Pupil(options.Self, options.Incarnation, _knowledge, sender);
        state.SettingSink = this;
        Follow();
    }

    /// <summary>Messages that were not believed: damaged, or of a later form.</summary>
    public long RejectedTotal => Interlocked.Read(ref _rejectedTotal);

    /// <summary>This node became owner of a VIP: its writes are later than those of all owners before. Any thread.</summary>
    public void SetOwnerEpoch(uint epoch) => _tables.SetOwnerEpoch(epoch);

    /// <summary>A local administrator's order. Any thread.</summary>
    public void Changed(in ServerSetting setting)
    {
        _settings.Changed(setting);
        _queue.Wake();
    }

    /// <summary>The peer has acknowledged all that this node wrote; nothing would be lost if this node died now.</summary>
    public bool HasAll(NodeId peer) =>
        _peers.TryGetValue(peer, out Peer? its) && its.Acknowledged == _outbox.Number && _outbox.IsEmpty;

    /// <summary>As things are at this moment. Any thread.</summary>
    public ReplicationSnapshot Snapshot() => new()
    {
        SentTotal = _outbox.SentTotal,
        ReceivedTotal = _intake.ReceivedTotal,
        DroppedTotal = _queue.DroppedTotal,
        SkippedTotal = _intake.SkippedTotal,
        RejectedTotal = RejectedTotal,
        Queued = _outbox.Waiting,
        Lag = _outbox.Lag.Last,
        Teaching = [.. _teacher.Progress.Select(pupil => new TeachingSnapshot(NameOf(pupil.Node), pupil.Entries, pupil.Complete))],
    };

    public void ViewChanged(ClusterView view)
    {
        foreach (NodeId gone in _peers.Keys.Where(node => !view.Members.Contains(node)).ToArray())
        {
            _peers.Remove(gone);
            _teacher.Left(gone);
        }
        foreach (NodeId member in view.Members.Where(node => node != _options.Self && !_peers.ContainsKey(node)))
        {
            _peers.Add(member, new Peer(member));
        }
        _queue.Discarding = _peers.Count == 0;
        _knownDue = TimeSpan.Zero;
        Tick();
    }

    /// <param name="body">Of a message of kind Replication; this node's own, and what is not understood, change nothing.</param>
    public void MessageArrived(NodeId sender, ReadOnlySpan<byte> body)
    {
        if (!_peers.TryGetValue(sender, out Peer? peer))
        {
            return;
        }
        TimeSpan now = _clock.Now;
        BodyReader reader = new(body);
        reader.Require(reader.Byte() == ReplicationBody.Form);
        var type = (MessageType)reader.Byte();
        ulong incarnation = reader.Counter();
        reader.Require(incarnation > 0);
        bool news = incarnation > peer.Incarnation;
        if (reader.Failed)
        {
            Interlocked.Increment(ref _rejectedTotal);
            return;
        }
        if (!peer.Speaks(incarnation))
        {
            return;
        }
        if (!Take(peer, type, ref reader, now))
        {
            Interlocked.Increment(ref _rejectedTotal);
        }
        if (news)
        {
            TrySendKnown(now);
        }
        _pupil.AskIfDue(peer, now);
    }

    /// <summary>Does what is due; cheap when nothing is.</summary>
    /// <returns>When something is due next, on the clock.</returns>
    public TimeSpan Tick()
    {
        TimeSpan now = _clock.Now;
        Follow();
        _settings.TakeLocal();
        if (!_settings.AllApplied)
        {
            _settings.ApplyAgain();
        }
        TimeSpan due = _settings.AllApplied ? now + KnownInterval : now + BatchInterval;
        if (_peers.Count == 0)
        {
            _outbox.Discard();
            return due;
        }
        due = Earlier(due, Flush(now));
        foreach (Peer peer in _peers.Values)
        {
            due = Earlier(due, _pupil.AskIfDue(peer, now));
        }
        due = Earlier(due, Teach(now));
        if (_mustAcknowledge)
        {
            Acknowledge();
        }
        if (now >= _knownDue)
        {
            TrySendKnown(now);
        }
        due = Earlier(due, _mustAcknowledge ? now : _knownDue);
        return due > now ? due : now + RetryInterval;
    }

    private static TimeSpan Earlier(TimeSpan left, TimeSpan right) => left < right ? left : right;

    private string NameOf(NodeId node) =>
        _options.Model.Nodes.FirstOrDefault(known => known.Id == node.Value)?.Name ?? node.ToString();

    private void Follow()
    {
        ReplicatedContent content = _state.Content;
        if (ReferenceEquals(content, _content))
        {
            return;
        }
        bool grown = content.Servers.Any(server => !_content.Servers.Contains(server));
        _content = content;
        _settings.Follow(content);
        if (_tables.Follow(content) || grown)
        {
            _knowledge.Forget(_options.Self);       // peers may have told of what has only now come into being here
        }
    }

    private TimeSpan Flush(TimeSpan now)
    {
        if (_outbox.TakeLost())
        {
            _knownDue = Earlier(_knownDue, _knownAt + KnownIntervalWhenLosing);
        }
        if (now < _nextFlush && _outbox.Waiting < FullBatch)
        {
            return _nextFlush;
        }
        _nextFlush = now + BatchInterval;
        for (int i = 0; i < BatchesAtOnce; i++)
        {
            FlushResult result = IsWindowFull(now) ? FlushResult.Refused : _outbox.Flush(now);
            if (result != FlushResult.Sent)
            {
                bool parked = result == FlushResult.Empty && _queue.Park();
                return parked ? TimeSpan.MaxValue : _nextFlush;
            }
        }
        return now;
    }

    private bool IsWindowFull(TimeSpan now)
    {
        foreach (Peer peer in _peers.Values)
        {
            if (peer.SpokeAt > now - KnownInterval && peer.Heard + WindowBatches < _outbox.Number)
            {
                return true;
            }
        }
        return false;
    }

    private TimeSpan Teach(TimeSpan now)
    {
        NoteOwn();
        return _teacher.Advance(now);
    }

    private bool Take(Peer peer, MessageType type, ref BodyReader reader, TimeSpan now)
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

    private bool TakeBatch(Peer peer, ref BodyReader reader, TimeSpan now)
    {
        ulong number = reader.Counter();
        if (reader.Failed || !_intake.TryTake(reader.TakeRest(), taught: false, (long)now.TotalMilliseconds))
        {
            return false;
        }
        _knowledge.Heard(peer.Id, peer.Incarnation, number);
        Acknowledge();
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
                _knowledge.Announced(stream.Node, stream.Incarnation, stream.Known);
            }
            else if (stream.Node == _options.Self && stream.Incarnation == _options.Incarnation)
            {
                if (peer.Acknowledges(stream.Known, stream.Heard, now))
                {
                    _outbox.Lag.Acknowledged(stream.Known, now);
                }
            }
            else if (whole && !WillTell(stream) && _knowledge.Lacks(stream))
            {
                peer.KnowsMore = true;
            }
        }
        return true;
    }

    /// <summary>The node whose life it is will say itself what this node has missed of it.</summary>
    private bool WillTell(in KnownStream stream) =>
        _peers.TryGetValue(stream.Node, out Peer? its) && (its.Incarnation == 0 || stream.Incarnation == its.Incarnation);

    private bool TakeAsk(Peer peer, ref BodyReader reader, TimeSpan now)
    {
        uint node = reader.Node();
        ulong incarnation = reader.Counter();
        if (!reader.WellDone)
        {
            return false;
        }
        if (node == _options.Self.Value && incarnation == _options.Incarnation)
        {
            _teacher.Asked(peer.Id);
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
        if (!_pupil.IsFor(head))
        {
            return true;
        }
        if (Pupil.IsNext(peer, head, now) && !_intake.TryTake(reader.TakeRest(), taught: true, (long)now.TotalMilliseconds))
        {
            return false;
        }
        _pupil.Answer(peer, head);
        return true;
    }

    private bool TakeLearned(Peer peer, ref BodyReader reader, TimeSpan now)
    {
        uint teacher = reader.Node();
        ulong session = reader.Counter();
        uint lesson = reader.UInt32();
        if (!reader.WellDone)
        {
            return false;
        }
        if (teacher == _options.Self.Value)
        {
            _teacher.Learned(peer.Id, session, lesson);
            Teach(now);
        }
        return true;
    }

    /// <summary>Tells what is known of the present members' lives.</summary>
    private void Acknowledge()
    {
        _streams.Clear();
        _streams.AddRange(_knowledge.Streams().Where(stream => _peers.TryGetValue(stream.Node, out Peer? peer) && peer.Incarnation == stream.Incarnation));
        _mustAcknowledge = !Send(whole: false);
    }

    private void TrySendKnown(TimeSpan now)
    {
        NoteOwn();
        _streams.Clear();
        _streams.AddRange(_knowledge.Streams());
        if (Send(whole: true))
        {
            _knownAt = now;
            _knownDue = now + KnownInterval;
        }
    }

    private bool Send(bool whole)
    {
        _body.Begin(MessageType.Known, _options.Incarnation);
        _body.Byte(whole ? (byte)1 : (byte)0);
        KnowledgeList.Write(_body, _streams);
        return _sender.Send(_body.Body);
    }

    private void NoteOwn() => _knowledge.Wrote(_options.Self, _options.Incarnation, _outbox.Number);
}
