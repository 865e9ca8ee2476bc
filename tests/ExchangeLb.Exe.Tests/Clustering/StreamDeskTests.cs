using System;
using System.Collections.Concurrent;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Cluster.Messages;
using ExchangeLb.Cluster.Reports;
using ExchangeLb.Clustering;
using ExchangeLb.Core.Model;
using ExchangeLb.Exe.Tests.EndToEnd;
using Xunit;

namespace ExchangeLb.Exe.Tests.Clustering;

/// <summary>Two nodes on addresses of the loopback, whose reports are handed over by the test.</summary>
public sealed class StreamDeskTests : IDisposable
{
    private readonly ClusterModel _model;
    private readonly Node _a;
    private readonly Node _b;

    public StreamDeskTests()
    {
        using Socket probe = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        probe.Bind(new IPEndPoint(IPAddress.Parse("127.0.88.1"), 0));
        _model = new ClusterModel(
            "exchange",
            [new(1, "lb1", [IPAddress.Parse("127.0.88.1")], 100), new(2, "lb2", [IPAddress.Parse("127.0.88.2")], 100)],
            [new(IPAddress.Parse("127.0.88.25"), 24, "lo", [])])
        { Port = ((IPEndPoint)probe.LocalEndPoint!).Port };
        (_a, _b) = (new Node(_model, 0), new Node(_model, 1));
    }

    public void Dispose()
    {
        _a.Desk.Dispose();
        _b.Desk.Dispose();
    }

    [Fact]
    public void Images_come_by_a_stream_once_reports_have_gone_round()
    {
        _a.Desk.Start();
        _b.Desk.Start();
        _a.Hear(_b);
        _b.Hear(_a);
        Eventually.True(() => _a.Desk.StreamTo(_b.Id) != 0 && _b.Desk.StreamTo(_a.Id) != 0, "there is a stream");

        byte[] message = new byte[Envelope.HeaderBytes + 3];
        new Envelope("exchange").Seal(MessageKind.HandOver, message, 3);
        Assert.True(_b.Desk.Send(_a.Id, _b.Desk.StreamTo(_a.Id), message));

        Eventually.True(() => !_a.Came.IsEmpty, "it has come");
        Assert.Equal((_b.Id, 3), _a.Came.Single());
        Assert.Empty(_a.Events.Concat(_b.Events));
        Assert.Empty(_a.Desk.Warnings().Concat(_b.Desk.Warnings()));
    }

    [Fact]
    public void A_node_whose_port_does_not_answer_is_named_and_so_is_the_end_of_that()
    {
        _a.Desk.Start();
        _a.Desk.Heard(_b.Id, new NodeReport { StreamFingerprint = new string('A', 64) });

        Eventually.True(() => !_a.Events.IsEmpty, "it is said");
        string problem = $"TCP port {_model.Port} of 127.0.88.2: Connection refused";
        Assert.Equal($"stream: there is none to lb2: {problem}", Assert.Single(_a.Events));
        Assert.Equal($"no stream to lb2 ({problem}): large amounts of data in connections that move go through Corosync, which is slower", Assert.Single(_a.Desk.Warnings()));

        _b.Desk.Start();
        _b.Hear(_a);
        _a.Hear(_b);
        Eventually.True(() => _a.Events.Count == 2, "the end is said, too");
        Assert.Equal("stream: there is one to lb2 now", _a.Events.Last());
        Assert.Empty(_a.Desk.Warnings());
    }

    [Fact]
    public void Where_no_connection_moves_nobody_is_told_of_streams()
    {
        _a.Setup.Model = _model with { HandOver = HandOverMode.Off };
        _a.Desk.Start();
        _a.Desk.Heard(_b.Id, new NodeReport());

        Assert.Empty(_a.Desk.Warnings());
    }

    [Fact]
    public void A_port_that_another_program_has_is_named_and_the_report_says_that_there_are_no_streams()
    {
        using Socket other = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        other.Bind(new IPEndPoint(IPAddress.Parse("127.0.88.1"), _model.Port));
        other.Listen();

        _a.Desk.Start();

        Assert.Equal(
            $"stream: large amounts of data in connections that move come to this node through Corosync, which is slower: TCP port {_model.Port} of 127.0.88.1: Address already in use",
            Assert.Single(_a.Events));
        Assert.Equal("", _a.Desk.Fingerprint);
    }

    private sealed class Node : IStreamReceiver
    {
        internal Node(ClusterModel model, int place)
        {
            Setup = new ClusterSetup(model, model.Nodes[place], new ClusterPaths("/nowhere", "/nowhere/cluster.cfg"));
            EngineMail mail = new(new Envelope("exchange"), this, this, this, this, null, text => Events.Enqueue(text));
            Desk = new StreamDesk(Setup, () => mail, () => null, (kind, text) => Events.Enqueue($"{kind}: {text}"));
        }

        internal ClusterSetup Setup { get; }
        internal StreamDesk Desk { get; }
        internal NodeId Id => Setup.SelfId;
        internal ConcurrentQueue<string> Events { get; } = new();
        internal ConcurrentQueue<(NodeId From, int Bytes)> Came { get; } = new();

        internal void Hear(Node other) => Desk.Heard(other.Id, new NodeReport { StreamFingerprint = other.Desk.Fingerprint });

        public void ViewChanged(ClusterView view)
        {
        }

        public void MessageArrived(MessageKind kind, NodeId sender, ReadOnlySpan<byte> body) => Came.Enqueue((sender, -1));

        public void StreamArrived(NodeId sender, ReadOnlySpan<byte> body) => Came.Enqueue((sender, body.Length));
    }
}
