using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Cluster.Streams;

namespace ExchangeLb.Cluster.Tests.Streams;

/// <summary>Nodes on addresses of the loopback, at one port that is free.</summary>
internal sealed class StreamWorld : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly List<StreamNode> _nodes = [];

    internal StreamWorld()
    {
        using Socket probe = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        probe.Bind(new IPEndPoint(IPAddress.Parse("127.0.77.1"), 0));
        Port = ((IPEndPoint)probe.LocalEndPoint!).Port;
    }

    internal int Port { get; }

    public void Dispose() => _nodes.ForEach(node => node.Dispose());

    internal static IPAddress AddressOf(uint id) => IPAddress.Parse($"127.0.77.{id}");

    internal StreamNode Start(uint id, TimeProvider? time = null)
    {
        StreamNode node = new(id, Port, time ?? TimeProvider.System);
        _nodes.Add(node);
        return node;
    }

    internal static void Meet(StreamNode one, StreamNode other)
    {
        one.Streams.Know(other.Id, other.AsPeer());
        other.Streams.Know(one.Id, one.AsPeer());
    }

    /// <summary>One of them: what came to it, in order.</summary>
    internal sealed class StreamNode : IStreamObserver, IDisposable
    {
        private readonly StreamCertificate _certificate = StreamCertificate.Create();
        private readonly SemaphoreSlim _news = new(0);
        private readonly ConcurrentQueue<string?> _changes = new();

        internal StreamNode(uint id, int port, TimeProvider time)
        {
            Id = new(id);
            Streams = new NodeStreams(Id, [AddressOf(id)], port, _certificate, this, time);
            Problem = Streams.Start();
        }

        internal NodeId Id { get; }
        internal NodeStreams Streams { get; }
        internal string? Problem { get; }
        internal ConcurrentQueue<(NodeId From, byte[] Payload)> Came { get; } = new();

        /// <summary>Holds whoever reads what comes.</summary>
        internal ManualResetEventSlim Reads { get; } = new(true);

        public void Arrived(NodeId from, ReadOnlySpan<byte> payload)
        {
            Reads.Wait();
            Came.Enqueue((from, payload.ToArray()));
            _news.Release();
        }

        public void Opened(NodeId node) => Changed(null);

        public void Ended(NodeId node, string reason) => Changed(reason);

        public void Failed(NodeId node, string problem) => Changed(problem);

        public void Dispose()
        {
            Reads.Set();
            Streams.Dispose();
            _certificate.Dispose();
        }

        internal StreamPeer AsPeer(string? fingerprint = null) => new([AddressOf(Id.Value)], fingerprint ?? Streams.Fingerprint);

        internal bool Has(StreamNode other) => Streams.StreamTo(other.Id) != 0;

        internal bool Send(StreamNode other, ReadOnlySpan<byte> payload) => Streams.Send(other.Id, Streams.StreamTo(other.Id), payload);

        internal async Task<byte[]> NextAsync()
        {
            (NodeId From, byte[] Payload) came;
            while (!Came.TryDequeue(out came)) { await NewsAsync(); }
            return came.Payload;
        }

        /// <summary>The next word of a stream: null, it is open.</summary>
        internal async Task<string?> ChangeAsync()
        {
            string? change;
            while (!_changes.TryDequeue(out change)) { await NewsAsync(); }
            return change;
        }

        private void Changed(string? problem)
        {
            _changes.Enqueue(problem);
            _news.Release();
        }

        private async Task NewsAsync()
        {
            if (!await _news.WaitAsync(Patience)) { throw new TimeoutException($"nothing comes to {Id}; {Came.Count} messages and changes [{string.Join("; ", _changes.Select(change => change ?? "open"))}] wait"); }
        }
    }

    /// <summary>Fifty seconds in one.</summary>
    internal sealed class QuickTime : TimeProvider
    {
        private const int Factor = 50;

        public override long GetTimestamp() => Factor * System.GetTimestamp();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            System.CreateTimer(callback, state, dueTime > TimeSpan.Zero ? dueTime / Factor : dueTime, period);
    }

    /// <summary>The same, and the clock stands where it is set.</summary>
    internal sealed class SetTime : StillTime
    {
        internal double Seconds { get; set; }

        public override long GetTimestamp() => (long)(Seconds * TimestampFrequency);
    }

    /// <summary>Nobody's patience ends.</summary>
    internal class StillTime : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => new NoTimer();

        private sealed class NoTimer : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}
