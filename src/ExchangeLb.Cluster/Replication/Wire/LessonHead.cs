using System;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Cluster.Messages;

namespace ExchangeLb.Cluster.Replication.Wire;

/// <summary>What stands before the blocks of a lesson.</summary>
internal readonly ref struct LessonHead
{
    private readonly ReadOnlySpan<byte> _pupils;

    private LessonHead(ulong session, uint index, bool last, ReadOnlySpan<byte> pupils)
    {
        Session = session;
        Index = index;
        Last = last;
        _pupils = pupils;
    }

    public ulong Session { get; }
    public uint Index { get; }
    public bool Last { get; }

    public static LessonHead Read(ref BodyReader reader) => new(reader.Counter(), reader.UInt32(), reader.ZeroOrOne(), reader.Take(reader.Byte() * 4));

    public bool HasPupil(NodeId node)
    {
        BodyReader reader = new(_pupils);
        while (!reader.AtEnd)
        {
            if (reader.UInt32() == node.Value)
            {
                return true;
            }
        }
        return false;
    }
}
