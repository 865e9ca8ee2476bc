using System;
using System.Collections.Generic;
using System.Linq;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Cluster.Replication.Outgoing;
using ExchangeLb.Cluster.Replication.Wire;

namespace ExchangeLb.Cluster.Replication.Knowing;

/// <summary>Tells the peers what this node knows: what it has just heard at once, which acknowledges it, and everything every so often.</summary>
internal sealed class KnowledgeVoice(
    ReplicationOptions options, Knowledge knowledge, Outbox outbox, IReadOnlyDictionary<NodeId, Peer> peers, IReplicationSender sender)
{
    /// <summary>Between two statements of everything; they mend whatever else was lost.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan IntervalWhenLosing = TimeSpan.FromMilliseconds(50);

    private readonly List<KnownStream> _streams = [];
    private readonly ReplicationBody _body = new(64 + KnowledgeList.MaxBytes);
    private TimeSpan _saidAt;
    private TimeSpan _due;
    private bool _mustAcknowledge;

    /// <summary>There is somebody new, or somebody less.</summary>
    public void SayAllNow() => _due = TimeSpan.Zero;

    /// <summary>Updates were lost before they became a batch: peers shall ask soon.</summary>
    public void SayAllSooner()
    {
        TimeSpan sooner = _saidAt + IntervalWhenLosing;
        _due = sooner < _due ? sooner : _due;
    }

    /// <returns>When something is due next.</returns>
    public TimeSpan Tick(TimeSpan now)
    {
        if (_mustAcknowledge)
        {
            Acknowledge();
        }
        if (now >= _due)
        {
            TrySayAll(now);
        }
        return _mustAcknowledge ? now : _due;
    }

    /// <summary>Tells what is known of the present members' lives.</summary>
    public void Acknowledge()
    {
        _streams.Clear();
        _streams.AddRange(knowledge.Streams().Where(stream => peers.TryGetValue(stream.Node, out Peer? peer) && peer.Incarnation == stream.Incarnation));
        _mustAcknowledge = !Send(whole: false);
    }

    public void TrySayAll(TimeSpan now)
    {
        NoteOwn();
        _streams.Clear();
        _streams.AddRange(knowledge.Streams());
        if (Send(whole: true))
        {
            _saidAt = now;
            _due = now + Interval;
        }
    }

    /// <summary>What this node wrote it knows.</summary>
    public void NoteOwn() => knowledge.Wrote(options.Self, options.Incarnation, outbox.Number);

    private bool Send(bool whole)
    {
        _body.Begin(MessageType.Known, options.Incarnation);
        _body.Byte(whole ? (byte)1 : (byte)0);
        KnowledgeList.Write(_body, _streams);
        return sender.Send(_body.Body);
    }
}
