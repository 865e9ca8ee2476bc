using System;
using System.Collections.Generic;
using System.Linq;
using ExchangeLb.Cluster.Engine;

namespace ExchangeLb.Cluster.Replication.Knowing;

/// <summary>
/// What this node knows of every node's batches, its own included: a version vector over lives of nodes, those that have ended too, since a
/// batch of a dead node may have reached one survivor and not the other. Pure.
/// </summary>
internal sealed class Knowledge
{
    /// <summary>Lives of one node that are remembered: the one that speaks, and the latest of the others.</summary>
    private const int LivesMax = 4;

    /// <summary>All lives; nodes beyond are not remembered when they have gone, and so are taught again.</summary>
    private const int StreamsMax = 128;

    private readonly List<Stream> _streams = [];

    /// <summary>A batch has arrived and has been applied.</summary>
    public void Heard(NodeId node, ulong incarnation, ulong number)
    {
        if (Speaking(node, incarnation) is not { } stream || number <= stream.Heard)
        {
            return;
        }
        if (number > stream.Heard + 1)
        {
            stream.RunStart = number;
        }
        stream.Heard = number;
        stream.Join();
    }

    /// <summary>The node says that this is its last number so far: what has not arrived by now never will, since one sender's messages come in order.</summary>
    public void Announced(NodeId node, ulong incarnation, ulong number)
    {
        if (Speaking(node, incarnation) is { } stream && number > stream.Heard)
        {
            stream.Heard = number;
            stream.RunStart = number + 1;
        }
    }

    /// <summary>What this node has written itself, and so knows.</summary>
    public void Wrote(NodeId self, ulong incarnation, ulong number)
    {
        if (Speaking(self, incarnation) is { } stream)
        {
            stream.Known = stream.Heard = number;
        }
    }

    /// <summary>Lessons have taught all of this.</summary>
    public void Learned(in KnownStream taught)
    {
        if (Get(taught.Node, taught.Incarnation, speaking: false) is { } stream)
        {
            stream.Known = Math.Max(stream.Known, taught.Known);
            stream.Heard = Math.Max(stream.Heard, stream.Known);
            stream.Join();
        }
    }

    /// <summary>Something was heard that this node could not take then but can now: all must be learned again.</summary>
    public void Forget(NodeId self)
    {
        foreach (Stream stream in _streams)
        {
            if (stream.Node != self)
            {
                stream.Known = 0;
                stream.RunStart = stream.Heard + 1;
            }
        }
    }

    /// <summary>Something of this life was missed.</summary>
    public bool IsBroken(NodeId node, ulong incarnation) => Find(node, incarnation) is { } stream && stream.Known < stream.Heard;

    /// <summary>Somebody knows more of this life, and this node could remember if it did.</summary>
    public bool Lacks(in KnownStream others) => others.Known > 0 && Get(others.Node, others.Incarnation, speaking: false) is { } stream && stream.Known < others.Known;

    public IEnumerable<KnownStream> Streams()
    {
        foreach (Stream stream in _streams)
        {
            yield return new KnownStream(stream.Node, stream.Incarnation, stream.Known, stream.Heard);
        }
    }

    private Stream? Find(NodeId node, ulong incarnation) =>
        _streams.Find(stream => stream.Node == node && stream.Incarnation == incarnation);

    /// <summary>The stream of the life that a node lives now: it stays, whatever incarnations others have heard of.</summary>
    private Stream? Speaking(NodeId node, ulong incarnation)
    {
        Stream? speaking = Get(node, incarnation, speaking: true);
        foreach (Stream life in _streams)
        {
            if (life.Node == node) { life.Speaks = life == speaking; }
        }
        return speaking;
    }

    /// <summary>The life's stream, a new one if need be; null: it is too old to be remembered, or there are too many.</summary>
    private Stream? Get(NodeId node, ulong incarnation, bool speaking)
    {
        if (Find(node, incarnation) is { } known)
        {
            return known;
        }
        if (_streams.Count(stream => stream.Node == node) == LivesMax)
        {
            Stream oldest = _streams.Where(stream => stream.Node == node && (speaking || !stream.Speaks)).MinBy(life => life.Incarnation)!;
            if (oldest.Incarnation > incarnation && !speaking)
            {
                return null;
            }
            _streams.Remove(oldest);
        }
        if (_streams.Count == StreamsMax)
        {
            return null;
        }
        var stream = new Stream(node, incarnation);
        _streams.Add(stream);
        return stream;
    }

    private sealed class Stream(NodeId node, ulong incarnation)
    {
        public NodeId Node { get; } = node;
        public ulong Incarnation { get; } = incarnation;
        public bool Speaks { get; set; }
        public ulong Known { get; set; }
        public ulong Heard { get; set; }

        /// <summary>From here to <see cref="Heard"/> nothing is missing.</summary>
        public ulong RunStart { get; set; } = 1;

        public void Join()
        {
            if (RunStart <= Known + 1)
            {
                Known = Math.Max(Known, Heard);
            }
        }
    }
}
