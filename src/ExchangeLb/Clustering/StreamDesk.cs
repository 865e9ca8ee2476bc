using System;
using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Linq;
using System.Net;
using System.Threading;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Cluster.Reports;
using ExchangeLb.Cluster.Streams;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Clustering;

/// <summary>
/// The streams to the other nodes, on which images of sessions go past the engine: opened as reports come, and closed as nodes leave. Where there is none
/// the engine carries them, and people are told.
/// </summary>
/// <param name="mail">What comes by a stream.</param>
/// <param name="moving">Told of streams that end.</param>
/// <param name="write">Tells people: kind and text of an event.</param>
internal sealed class StreamDesk(ClusterSetup setup, Func<EngineMail> mail, Func<MovingThread?> moving, Action<string, string> write) : INodeStreams, IStreamObserver, IDisposable
{
    /// <summary>Of these it was said that there is none.</summary>
    private readonly ConcurrentDictionary<NodeId, bool> _failed = new();
    private NodeStreams? _streams;
    private StreamCertificate? _certificate;

    /// <summary>For this node's report; "": it takes no streams.</summary>
    public string Fingerprint => Volatile.Read(ref _streams)?.Fingerprint ?? "";

    /// <summary>Before the engine starts. What this host lacks is said.</summary>
    public void Start()
    {
        if (setup.Model.Nodes.Length < 2) { return; }
        try
        {
            _certificate = StreamCertificate.Create();
        }
#pragma warning disable CA1031 // nothing depends on streams
        catch (Exception missing)
        {
            Without($"OpenSSL: {missing.GetBaseException().Message}");
            return;
        }
#pragma warning restore CA1031
        NodeStreams streams = new(setup.SelfId, setup.Self.Addresses, setup.Model.Port, _certificate, this, TimeProvider.System);
        if (streams.Start() is { } problem) { Without(problem); }
        Volatile.Write(ref _streams, streams);
    }

    /// <summary>Another node has reported, or has left (null). The engine's thread.</summary>
    public void Heard(NodeId node, NodeReport? report) => Volatile.Read(ref _streams)?.Know(node, report is null ? null : new StreamPeer(AddressesOf(node), report.StreamFingerprint));

    /// <summary>Which of the nodes that are there have no stream, where sessions move. Any thread.</summary>
    public ImmutableArray<string> Warnings() => Volatile.Read(ref _streams) is { } streams && setup.Model.HandOver != HandOverMode.Off
        ? [.. setup.Model.Nodes.Select(node => (Node: node, Problem: streams.ProblemWith(new NodeId(node.Id)))).Where(found => found.Problem is not null)
            .Select(found => $"no stream to {found.Node.Name} ({found.Problem}): large amounts of data in connections that move go through Corosync, which is slower")]
        : [];

    public int StreamTo(NodeId node) => Volatile.Read(ref _streams)?.StreamTo(node) ?? 0;

    public bool IsComing(NodeId node) => Volatile.Read(ref _streams)?.IsComing(node) ?? false;

    public bool Send(NodeId node, int stream, ReadOnlySpan<byte> payload) => Volatile.Read(ref _streams)?.Send(node, stream, payload) ?? false;

    public void Hurry(int priority) => Volatile.Read(ref _streams)?.Hurry(priority);

    void IStreamObserver.Arrived(NodeId from, ReadOnlySpan<byte> payload) => mail().StreamArrived(from, payload);

    void IStreamObserver.Opened(NodeId node)
    {
        moving()?.Disconnected(node);
        if (_failed.TryRemove(node, out _)) { write("stream", $"there is one to {setup.NameOf(node)} now"); }
    }

    void IStreamObserver.Ended(NodeId node, string reason) => moving()?.Disconnected(node);

    void IStreamObserver.Failed(NodeId node, string problem)
    {
        if (setup.Model.HandOver != HandOverMode.Off && _failed.TryAdd(node, true)) { write("stream", $"there is none to {setup.NameOf(node)}: {problem}"); }
    }

    public void Dispose()
    {
        _streams?.Dispose();
        _certificate?.Dispose();
    }

    private void Without(string problem) => write("stream", $"large amounts of data in connections that move come to this node through Corosync, which is slower: {problem}");

    private ImmutableArray<IPAddress> AddressesOf(NodeId node) => setup.Model.Nodes.FirstOrDefault(known => known.Id == node.Value)?.Addresses ?? [];
}
