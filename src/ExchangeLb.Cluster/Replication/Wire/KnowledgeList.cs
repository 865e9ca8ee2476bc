using System.Collections.Generic;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Cluster.Messages;
using ExchangeLb.Cluster.Replication.Knowing;

namespace ExchangeLb.Cluster.Replication.Wire;

/// <summary>Count (1), then of each life of a node: node (4), incarnation (8), known (8), heard (8).</summary>
internal static class KnowledgeList
{
    public const int MaxBytes = 1 + (255 * StreamBytes);
    private const int StreamBytes = 28;

    public static void Write(ReplicationBody body, IReadOnlyCollection<KnownStream> streams)
    {
        body.Byte((byte)streams.Count);
        foreach (KnownStream stream in streams)
        {
            body.UInt32(stream.Node.Value);
            body.UInt64(stream.Incarnation);
            body.UInt64(stream.Known);
            body.UInt64(stream.Heard);
        }
    }

    /// <summary>Reads to the end. False: damaged; then the list is of no use.</summary>
    public static bool TryRead(ref BodyReader reader, List<KnownStream> streams)
    {
        streams.Clear();
        int count = reader.Byte();
        for (int i = 0; i < count; i++)
        {
            var stream = new KnownStream(new NodeId(reader.Node()), reader.Counter(), reader.Counter(), reader.Counter());
            reader.Require(stream.Known <= stream.Heard);
            streams.Add(stream);
        }
        return reader.WellDone;
    }
}
