using System;
using System.Threading;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Cluster.Messages;

namespace ExchangeLb.Clustering;

/// <summary>Where the messages of one kind go. Called on the engine's thread: must copy what it keeps, and return at once.</summary>
internal interface IMailReceiver
{
    void ViewChanged(ClusterView view);

    void MessageArrived(MessageKind kind, NodeId sender, ReadOnlySpan<byte> body);
}

/// <summary>One of those to whom messages come by streams, too.</summary>
internal interface IStreamReceiver : IMailReceiver
{
    /// <summary>On the stream's thread: may wait, which holds the sender back; must copy what it keeps.</summary>
    void StreamArrived(NodeId sender, ReadOnlySpan<byte> body);
}

/// <summary>
/// What the engine hears, opened and sorted to those it is for. What can't be believed (damage, another cluster, a later release) is counted
/// and, the first time of each kind and each thousandth after it, reported.
/// </summary>
/// <param name="moving">Null: this node has no peer to move sessions to.</param>
/// <param name="recording">Null: sessions end with their owner.</param>
internal sealed class EngineMail(
    Envelope envelope, IMailReceiver ownership, IMailReceiver replication, IMailReceiver reports, IStreamReceiver? moving, IMailReceiver? recording,
    Action<string> complain) : IEngineObserver
{
    private const long SayEvery = 1000;
    private readonly long[] _rejected = new long[Enum.GetValues<OpenResult>().Length];
    private ClusterView? _view;

    /// <summary>The last view; null: none yet.</summary>
    public ClusterView? View => Volatile.Read(ref _view);

    public long RejectedTotal
    {
        get
        {
            long total = 0;
            for (int i = 0; i < _rejected.Length; i++)
            {
                total += Interlocked.Read(ref _rejected[i]);
            }
            return total;
        }
    }

    public void ViewChanged(ClusterView view)
    {
        Volatile.Write(ref _view, view);
        ownership.ViewChanged(view);
        replication.ViewChanged(view);
        reports.ViewChanged(view);
        moving?.ViewChanged(view);
        recording?.ViewChanged(view);
    }

    public void MessageArrived(NodeId sender, ReadOnlySpan<byte> payload)
    {
        OpenResult opened = envelope.Open(payload, out MessageKind kind, out ReadOnlySpan<byte> body);
        if (opened != OpenResult.Opened)
        {
            Reject(sender, opened);
            return;
        }
        IMailReceiver? receiver = kind switch
        {
            MessageKind.Ownership => ownership,
            MessageKind.Replication => replication,
            MessageKind.HandOver => moving,
            MessageKind.Records => recording,
            _ => reports,
        };
        receiver?.MessageArrived(kind, sender, body);
    }

    /// <summary>What comes by a stream: images of sessions, and nothing else. On that stream's thread, beside the engine's.</summary>
    public void StreamArrived(NodeId sender, ReadOnlySpan<byte> payload)
    {
        OpenResult opened = envelope.Open(payload, out MessageKind kind, out ReadOnlySpan<byte> body);
        if (opened != OpenResult.Opened || kind != MessageKind.HandOver)
        {
            Reject(sender, opened == OpenResult.Opened ? OpenResult.Damaged : opened);
            return;
        }
        moving?.StreamArrived(sender, body);
    }

    private void Reject(NodeId sender, OpenResult why)
    {
        long count = Interlocked.Increment(ref _rejected[(int)why]);
        if (count % SayEvery == 1)
        {
            complain($"message of node {sender} refused ({count} so far): {Words(why)}");
        }
    }

    private static string Words(OpenResult why) => why switch
    {
        OpenResult.Damaged => "damaged, or none of ours",
        OpenResult.LaterVersion => "of a later release than this one; upgrade this node",
        _ => "of another cluster: 'cluster NAME' differs, or two clusters share a key",
    };
}
