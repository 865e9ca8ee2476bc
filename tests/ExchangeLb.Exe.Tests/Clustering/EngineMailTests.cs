using System;
using System.Collections.Generic;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Cluster.Messages;
using ExchangeLb.Clustering;
using Xunit;

namespace ExchangeLb.Exe.Tests.Clustering;

public sealed class EngineMailTests
{
    private static readonly NodeId Peer = new(2);

    private readonly Envelope _envelope = new("exchange");
    private readonly Box _ownership = new();
    private readonly Box _replication = new();
    private readonly Box _reports = new();
    private readonly Box _moving = new();
    private readonly Box _recording = new();
    private readonly List<string> _complaints = [];
    private readonly EngineMail _mail;

    public EngineMailTests() => _mail = new EngineMail(_envelope, _ownership, _replication, _reports, _moving, _recording, _complaints.Add);

    [Fact]
    public void Each_kind_goes_to_those_it_is_for()
    {
        _mail.MessageArrived(Peer, Sealed(_envelope, MessageKind.Ownership));
        _mail.MessageArrived(Peer, Sealed(_envelope, MessageKind.Replication));
        _mail.MessageArrived(Peer, Sealed(_envelope, MessageKind.Report));
        _mail.MessageArrived(Peer, Sealed(_envelope, MessageKind.Order));
        _mail.MessageArrived(Peer, Sealed(_envelope, MessageKind.HandOver));
        _mail.MessageArrived(Peer, Sealed(_envelope, MessageKind.Records));

        Assert.Equal([MessageKind.Ownership], _ownership.Kinds);
        Assert.Equal([MessageKind.Replication], _replication.Kinds);
        Assert.Equal([MessageKind.Report, MessageKind.Order], _reports.Kinds);
        Assert.Equal([MessageKind.HandOver], _moving.Kinds);
        Assert.Equal([MessageKind.Records], _recording.Kinds);
    }

    [Fact]
    public void A_view_goes_to_all()
    {
        ClusterView view = new(1, new NodeId(1), [new NodeId(1), Peer], QuorumVerdict.Quorate);

        _mail.ViewChanged(view);

        Assert.Same(view, _mail.View);
        Assert.All([_ownership, _replication, _reports, _moving, _recording], box => Assert.Same(view, Assert.Single(box.Views)));
    }

    [Fact]
    public void What_cannot_be_believed_is_refused_counted_and_reported()
    {
        byte[] later = Sealed(_envelope, MessageKind.Ownership);
        later[2]++;

        _mail.MessageArrived(Peer, [1, 2, 3]);
        _mail.MessageArrived(Peer, Sealed(new Envelope("other"), MessageKind.Ownership));
        _mail.MessageArrived(Peer, later);

        Assert.Equal(3, _mail.RejectedTotal);
        Assert.Equal(3, _complaints.Count);
        Assert.Empty(_ownership.Kinds);
    }

    [Fact]
    public void A_flood_of_rubbish_is_no_flood_of_complaints()
    {
        for (int i = 0; i < 1500; i++)
        {
            _mail.MessageArrived(Peer, [1, 2, 3]);
        }

        Assert.Equal(1500, _mail.RejectedTotal);
        Assert.Equal(2, _complaints.Count);
    }

    [Theory]
    [InlineData(MessageKind.Ownership)]
    [InlineData(MessageKind.Replication)]
    [InlineData(MessageKind.Order)]
    [InlineData(MessageKind.Records)]
    [InlineData(MessageKind.HandOver)]
    public void By_a_stream_come_images_and_nothing_else(MessageKind kind)
    {
        _mail.StreamArrived(Peer, Sealed(new Envelope("exchange"), kind));

        bool taken = kind == MessageKind.HandOver;
        Assert.Equal((taken ? 1 : 0, taken ? 0 : 1), (_moving.Streamed.Count, (int)_mail.RejectedTotal));
        Assert.Empty(_ownership.Kinds);
    }

    private static byte[] Sealed(Envelope envelope, MessageKind kind)
    {
        byte[] message = new byte[Envelope.HeaderBytes + 1];
        envelope.Seal(kind, message, 1);
        return message;
    }

    private sealed class Box : IStreamReceiver
    {
        public List<NodeId> Streamed { get; } = [];

        public void StreamArrived(NodeId sender, ReadOnlySpan<byte> body) => Streamed.Add(sender);

        public List<ClusterView> Views { get; } = [];

        public List<MessageKind> Kinds { get; } = [];

        public void ViewChanged(ClusterView view) => Views.Add(view);

        public void MessageArrived(MessageKind kind, NodeId sender, ReadOnlySpan<byte> body) => Kinds.Add(kind);
    }
}
