using System;
using System.Buffers.Binary;
using System.Text;
using ExchangeLb.Cluster.Engine;

namespace ExchangeLb.Cluster.Moving;

/// <summary>
/// A <see cref="MoveMessage"/> as the body of a message of kind HandOver, numbers little-endian: form (1), type (1), 0 (2), VIP (4), to (4),
/// move (8), count (4), bytes (8), then text or bytes of images to the end.
/// </summary>
public static class MoveMessages
{
    public const int HeaderBytes = 32;
    public const int TextMaxBytes = 300;

    /// <summary>Of messages, the stream's entries and images; 1, which knew no entries, was never released. Nodes move sessions only to those of the same form: see <see cref="Reports.NodeReport.MoveForm"/>.</summary>
    public const byte Form = 2;

    /// <returns>Length of the body; 0: the room is too small.</returns>
    public static int Write(Span<byte> body, in MoveMessage message)
    {
        if (body.Length < HeaderBytes + message.Rest.Length)
        {
            return 0;
        }
        body[..HeaderBytes].Clear();
        body[0] = Form;
        body[1] = (byte)message.Type;
        BinaryPrimitives.WriteUInt32LittleEndian(body[4..], message.Vip);
        BinaryPrimitives.WriteUInt32LittleEndian(body[8..], message.To.Value);
        BinaryPrimitives.WriteUInt64LittleEndian(body[12..], message.Move);
        BinaryPrimitives.WriteInt32LittleEndian(body[20..], message.Count);
        BinaryPrimitives.WriteInt64LittleEndian(body[24..], message.Bytes);
        message.Rest.CopyTo(body[HeaderBytes..]);
        return HeaderBytes + message.Rest.Length;
    }

    /// <summary>False: damaged, or of a form or type that this release doesn't know.</summary>
    public static bool TryRead(ReadOnlySpan<byte> body, out MoveMessage message)
    {
        message = default;
        if (body.Length < HeaderBytes || body[0] != Form || body[1] is < (byte)MoveMessageType.Begin or > (byte)MoveMessageType.Told)
        {
            return false;
        }
        int count = BinaryPrimitives.ReadInt32LittleEndian(body[20..]);
        long bytes = BinaryPrimitives.ReadInt64LittleEndian(body[24..]);
        if (count < 0 || bytes < 0)
        {
            return false;
        }
        message = new(
            (MoveMessageType)body[1],
            BinaryPrimitives.ReadUInt32LittleEndian(body[4..]),
            new NodeId(BinaryPrimitives.ReadUInt32LittleEndian(body[8..])),
            BinaryPrimitives.ReadUInt64LittleEndian(body[12..]),
            count, bytes, body[HeaderBytes..]);
        return true;
    }

    /// <summary>Cut to <see cref="TextMaxBytes"/>; a character that is cut in two is shown as the replacement sign.</summary>
    public static byte[] BytesOf(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        return bytes.Length <= TextMaxBytes ? bytes : bytes[..TextMaxBytes];
    }

    public static string TextOf(ReadOnlySpan<byte> rest) => Encoding.UTF8.GetString(rest.Length <= TextMaxBytes ? rest : rest[..TextMaxBytes]);
}
