using System;
using ExchangeLb.Core.Runtime;
using ExchangeLb.Linux.Repair;
using ExchangeLb.Proxy.HandOver;

namespace ExchangeLb.Proxy.Recording;

/// <summary>The last that was told of a session. Immutable; a newer one replaces it.</summary>
/// <param name="Order">When it came, among all records.</param>
/// <param name="Image">As encoded, for memory; null: it was never quiet.</param>
internal sealed record StoredRecord(ulong Session, long Order, ConnectionEnds Client, ConnectionEnds Server, bool IsQuiet, byte[]? Image, ImageClock ArrivedAt)
{
    /// <summary>Of memory, about, with its places in two tables.</summary>
    public int Bytes => 280 + (Image?.Length ?? 0);

    /// <summary>Our side of the server's connection has the address, too, and so this node can speak for it.</summary>
    public bool HasServerSide => Server.Local.Mapped == Client.Local.Mapped;

    /// <returns>Null: the client did not come to the address.</returns>
    public static StoredRecord? Established(in SessionRecord record, long order, UInt128 address) =>
        record.Client.Local.Mapped == address ? new StoredRecord(record.Session, order, record.Client, record.Server, false, null, default) : null;

    /// <returns>Null: not an image of a quiet session of the address.</returns>
    public static StoredRecord? Quiet(in SessionRecord record, long order, UInt128 address, ImageClock now)
    {
        if (SessionImageCodec.Read(record.Image, now) is not { ServerSide: { } server } image || !IsQuietHalf(image.Client) || !IsQuietHalf(server)
            || image.Upload.Held.Length + image.Download.Held.Length > 0)
        {
            return null;
        }
        ConnectionEnds client = ConnectionEnds.Of(image.Client), other = ConnectionEnds.Of(server);
        return client.Local.Mapped == address && other.Local.Mapped == address ? new StoredRecord(record.Session, order, client, other, true, record.Image.ToArray(), now) : null;
    }

    /// <summary>What was handed over: as quiet, or with its addresses alone where bytes were on their way, or it has no server.</summary>
    public static void Given(in GivenSession given, RecordBatch batch)
    {
        if (SessionImageCodec.Read(given.Image.Span, ImageClock.Now) is not { } image)
        {
            return;
        }
        if (image.ServerSide is not { } server)
        {
            batch.Opening(given.Session, ConnectionEnds.Of(image.Client));
            return;
        }
        bool quiet = !given.HadBytes && IsQuietHalf(image.Client) && IsQuietHalf(server) && image.Upload.Held.Length + image.Download.Held.Length == 0;
        if (!quiet || !batch.Quiet(given.Session, given.Image.Span))
        {
            batch.Established(given.Session, ConnectionEnds.Of(image.Client), ConnectionEnds.Of(server));
        }
    }

    public StoredRecord Awake(long order) => this with { Order = order, IsQuiet = false };

    /// <summary>What is recorded, as it is by now; null: it was never quiet.</summary>
    public SessionImage? ImageAt(ImageClock now) =>
        Image is null ? null : SessionImageCodec.Read(Image, ArrivedAt)?.After((long)ArrivedAt.AgeAt(now).TotalMilliseconds);

    private static bool IsQuietHalf(TcpImage image) => image.Received.Length + image.Unacked.Length + image.Unsent.Length == 0;
}
