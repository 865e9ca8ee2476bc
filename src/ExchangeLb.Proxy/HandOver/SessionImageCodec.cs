using System;
using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using ExchangeLb.Linux.Repair;

namespace ExchangeLb.Proxy.HandOver;

/// <summary>
/// Session images as bytes, numbers little-endian: version, three names (one byte of length each), the session's fields, two flows, the client's
/// connection, and the server's if it has one. About 250 bytes when no bytes are held. Read a new version one release before it is written: a
/// pair is upgraded one node after the other.
/// </summary>
internal static class SessionImageCodec
{
    private const byte Version = 1;

    /// <summary>Names and numbers; one with three long names takes more.</summary>
    private const int RestBytes = 512;

    public static ReadOnlyMemory<byte> Write(SessionImage image, ImageClock now)
    {
        int bytes = image.Upload.Held.Length + image.Download.Held.Length + TcpImageCodec.SizeOf(image.Client) + (image.ServerSide is { } server ? TcpImageCodec.SizeOf(server) : 0);
        ArrayBufferWriter<byte> writer = new(RestBytes + bytes);    // a large one is not to be copied as it grows
        Write(image, now, writer);
        return writer.WrittenMemory;
    }

    public static void Write(SessionImage image, ImageClock now, ArrayBufferWriter<byte> writer)
    {
        Byte(writer, Version);
        Text(writer, image.Frontend);
        Text(writer, image.Backend);
        Text(writer, image.Server);
        Byte(writer, (byte)image.Traits);
        Number(writer, image.AcceptedUnixMs);
        Number(writer, image.AcceptedAgoMs);
        Number(writer, image.ClientIdleMs);
        Number(writer, image.ServerIdleMs);
        Number(writer, image.QueueMs);
        Number(writer, image.ConnectMs);
        Number(writer, image.RetriesLeft);
        Number(writer, image.Attempts);
        Number(writer, image.ServerQueuePosition);
        Number(writer, image.BackendQueuePosition);
        Flow(writer, image.Upload);
        Flow(writer, image.Download);
        Connection(writer, image.Client, now);
        Byte(writer, image.ServerSide is null ? (byte)0 : (byte)1);
        if (image.ServerSide is { } server)
        {
            Connection(writer, server, now);
        }
    }

    /// <returns>Null: another version, damage, or more than the image.</returns>
    public static SessionImage? Read(ReadOnlySpan<byte> bytes, ImageClock now)
    {
        ImageReader reader = new(bytes);
        if (reader.Byte() != Version)
        {
            return null;
        }
        string frontend = reader.Text(), backend = reader.Text(), server = reader.Text();
        var traits = (SessionTraits)reader.Byte();
        long acceptedUnix = reader.Number(), acceptedAgo = reader.Age(), clientIdle = reader.Age(), serverIdle = reader.Age();
        int queue = reader.Small(), connect = reader.Small(), retries = reader.Small(), attempts = reader.Small();
        int serverPosition = reader.Small(), backendPosition = reader.Small();
        FlowImage upload = reader.Flow(), download = reader.Flow();
        TcpImage? client = reader.Connection(now);
        TcpImage? serverSide = reader.Byte() == 1 ? reader.Connection(now) : null;
        if (reader.Failed || client is null || reader.Left > 0)
        {
            return null;
        }
        return new SessionImage
        {
            Frontend = frontend,
            Backend = backend,
            Server = server,
            Traits = traits,
            AcceptedUnixMs = acceptedUnix,
            AcceptedAgoMs = acceptedAgo,
            ClientIdleMs = clientIdle,
            ServerIdleMs = serverIdle,
            QueueMs = queue,
            ConnectMs = connect,
            RetriesLeft = retries,
            Attempts = attempts,
            ServerQueuePosition = serverPosition,
            BackendQueuePosition = backendPosition,
            Upload = upload,
            Download = download,
            Client = client,
            ServerSide = serverSide,
        };
    }

    private static void Byte(ArrayBufferWriter<byte> writer, byte value)
    {
        writer.GetSpan(1)[0] = value;
        writer.Advance(1);
    }

    private static void Number(ArrayBufferWriter<byte> writer, long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(writer.GetSpan(sizeof(long)), value);
        writer.Advance(sizeof(long));
    }

    /// <summary>Names have 255 bytes at most.</summary>
    private static void Text(ArrayBufferWriter<byte> writer, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        Byte(writer, checked((byte)bytes.Length));
        writer.Write(bytes);
    }

    private static void Flow(ArrayBufferWriter<byte> writer, FlowImage flow)
    {
        Byte(writer, (byte)flow.Traits);
        Number(writer, flow.Received);
        Number(writer, flow.Passed);
        Number(writer, flow.TakenAgoMs);
        Number(writer, flow.Held.Length);
        writer.Write(flow.Held);
    }

    private static void Connection(ArrayBufferWriter<byte> writer, TcpImage image, ImageClock now) =>
        writer.Advance(TcpImageCodec.Write(image, now, writer.GetSpan(TcpImageCodec.SizeOf(image))));
}
