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

    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(1);

    private readonly ReplicationOptions _options;
    private readonly IReplicatedState _state;
    private readonly IMonotonicClock _clock;
    private readonly UpdateQueue _queue;
    private readonly TableDirectory _tables;
    private readonly SettingRegisters _settings;
    private readonly Knowledge _knowledge = new();
    private readonly Outbox _outbox;
    private readonly BatchPace _pace;
    private readonly BlockIntake _intake;
    private readonly Teacher _teacher;
    private readonly Pupil _pupil;
    private readonly KnowledgeVoice _voice;
    private readonly Reception _reception;
    private readonly Dictionary<NodeId, Peer> _peers = [];
    private ReplicatedContent _content = ReplicatedContent.Empty;
    private long _rejectedTotal;

    /// <param name="wake">Called by any thread when there is something to send and <see cref="Tick"/> was told to come later; null: it comes every few ms.</param>
    public Replicator(ReplicationOptions options, IReplicatedState state, IReplicationSender sender, IMonotonicClock clock, Action? wake = null)
    {
        _options = options;
        _state = state;
        _clock = clock;
        _queue = new UpdateQueue(options.QueueLength, wake);
        _tables = new TableDirectory(options.Self, options.Incarnation, _queue);
        _settings = new SettingRegisters(options.Self, options.Incarnation, state);
        _outbox = new Outbox(_queue, _tables, _settings, sender, options.Incarnation);
        _pace = new BatchPace(_outbox, _queue, _peers);
        _intake = new BlockIntake(_tables, _settings, _knowledge);
        _teacher = new Teacher(options.Self, options.Incarnation, _knowledge, _tables, _settings, sender);
        _pupil = new Pupil(options.Self, options.Incarnation, _knowledge, sender);
        _voice = new KnowledgeVoice(options, _knowledge, _outbox, _peers, sender);
        _reception = new Reception(options, _knowledge, _intake, _outbox, _teacher, _pupil, _voice, _peers);
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
        _voice.SayAllNow();
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
        if (!_reception.Take(peer, type, ref reader, now))
        {
            Interlocked.Increment(ref _rejectedTotal);
        }
        if (news)
        {
            _voice.TrySayAll(now);
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
        TimeSpan due = _settings.AllApplied ? now + KnowledgeVoice.Interval : now + BatchPace.Interval;
        if (_peers.Count == 0)
        {
            _outbox.Discard();
            return due;
        }
        if (_outbox.TakeLost())
        {
            _voice.SayAllSooner();
        }
        due = Earlier(due, _pace.Flush(now));
        foreach (Peer peer in _peers.Values)
        {
            due = Earlier(due, _pupil.AskIfDue(peer, now));
        }
        due = Earlier(due, _reception.Teach(now));
        due = Earlier(due, _voice.Tick(now));
        return due > now ? due : now + RetryInterval;
    }

    private static TimeSpan Earlier(TimeSpan left, TimeSpan right) => left < right ? left : right;

    private string NameOf(NodeId node) => _options.Model.NameOf(node.Value);

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
}
