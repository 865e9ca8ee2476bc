using System;
using System.Buffers.Binary;
using System.IO;
using System.Threading;
using System.Threading.Tasks;

namespace ExchangeLb.DrillClient.Streams;

/// <summary>
/// What both ends agree on. The first bytes of a client say what kind of stream this is and which pattern it carries; every byte after that has the
/// value of its place, so that one that is missing, doubled or of another stream shows.
/// </summary>
internal static class StreamWire
{
    internal const int HeaderBytes = 8;
    internal const int Portion = 8192;
    internal const int QuestionBytes = 700;
    internal static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(20);

    /// <summary>With <see cref="Portion"/> 205 kB/s each. More and smaller portions keep two slow cores busy with the clients alone; one that waits for over 50 ms would be quiet to the load balancer.</summary>
    internal static readonly TimeSpan BulkPace = TimeSpan.FromMilliseconds(40);

    /// <summary>What a slow reader takes every <see cref="BulkPace"/>: 1 MB/s.</summary>
    internal const int SlowPortion = 40_000;

    /// <summary>Of a slow reader's socket: what it has not read waits in the load balancer, not here. The kernel doubles it: a stall that is shorter than 0.13 s it reads from there.</summary>
    internal const int SlowReceiveBuffer = 64 * 1024;
    internal static readonly TimeSpan QuestionEvery = TimeSpan.FromMilliseconds(200);

    internal static byte[] Header(StreamKind kind, int seed)
    {
        var header = new byte[HeaderBytes];
        (header[0], header[1], header[2]) = ((byte)'X', (byte)'S', (byte)kind);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(4), seed);
        return header;
    }

    /// <exception cref="InvalidDataException">It is none.</exception>
    internal static (StreamKind Kind, int Seed) Read(ReadOnlySpan<byte> header) =>
        header[0] == 'X' && header[1] == 'S' && Enum.IsDefined((StreamKind)header[2])
            ? ((StreamKind)header[2], BinaryPrimitives.ReadInt32LittleEndian(header[4..]))
            : throw new InvalidDataException("no header of a stream");

    internal static byte At(int seed, long place) => (byte)(unchecked(((ulong)place + ((ulong)(uint)seed << 40)) * 0x9E37_79B9_7F4A_7C15UL) >> 56);

    internal static void Fill(Span<byte> bytes, int seed, long place)
    {
        for (int i = 0; i < bytes.Length; i++) { bytes[i] = At(seed, place + i); }
    }

    /// <exception cref="InvalidDataException">A byte is not the one that was sent.</exception>
    internal static void Check(ReadOnlySpan<byte> bytes, int seed, long place)
    {
        for (int i = 0; i < bytes.Length; i++)
        {
            if (bytes[i] != At(seed, place + i)) { throw new InvalidDataException($"byte {place + i} of stream {seed} is wrong"); }
        }
    }

    /// <summary>Writes the pattern, a portion every <see cref="BulkPace"/>, until it is cancelled.</summary>
    /// <returns>Bytes written.</returns>
    internal static async Task<long> WriteOn(Stream stream, int seed, CancellationToken stop)
    {
        var portion = new byte[Portion];
        long place = 0;
        using PeriodicTimer pace = new(BulkPace);
        while (!stop.IsCancellationRequested)
        {
            Fill(portion, seed, place);
            await stream.WriteAsync(portion, CancellationToken.None).ConfigureAwait(false);
            place += Portion;
            try { await pace.WaitForNextTickAsync(stop).ConfigureAwait(false); }
            catch (OperationCanceledException) { break; }
        }
        return place;
    }

    /// <summary>Writes the pattern as fast as the other side takes it, until the connection ends.</summary>
    /// <exception cref="IOException">It ended.</exception>
    internal static async Task Pour(Stream stream, int seed)
    {
        var portion = new byte[64 * 1024];
        for (long place = 0; ; place += portion.Length)
        {
            Fill(portion, seed, place);
            await stream.WriteAsync(portion).ConfigureAwait(false);
        }
    }
}
