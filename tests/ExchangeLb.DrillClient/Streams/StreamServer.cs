using System;
using System.Buffers.Binary;
using System.IO;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Threading;
using System.Threading.Tasks;

namespace ExchangeLb.DrillClient.Streams;

/// <summary>The servers' part: on one port the client speaks first, on the next one the server greets, on the one after it speaks TLS. Runs until it is ended.</summary>
internal sealed class StreamServer(X509Certificate2 certificate)
{
    internal static int Run(Options options)
    {
        StreamServer server = new(X509Certificate2.CreateFromPemFile(options.CertificateFile, options.KeyFile));
        int port = options.StreamServer;
        Task.WaitAll(server.Listen(port, greets: false, tls: false), server.Listen(port + 1, greets: true, tls: false), server.Listen(port + 2, greets: false, tls: true));
        return 0;
    }

    private async Task Listen(int port, bool greets, bool tls)
    {
        using Socket listener = new(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp) { DualMode = true };
        listener.Bind(new IPEndPoint(IPAddress.IPv6Any, port));
        listener.Listen(1024);
        while (true)
        {
            Socket client = await listener.AcceptAsync().ConfigureAwait(false);
            _ = Serve(client, greets, tls);
        }
    }

    /// <summary>A client that sends what it should not is reset: it notices, and counts itself as wrong.</summary>
    private async Task Serve(Socket client, bool greets, bool tls)
    {
        client.NoDelay = true;
        try
        {
            await using Stream stream = tls ? await Secured(client).ConfigureAwait(false) : new NetworkStream(client, ownsSocket: false);
            if (greets) { await stream.WriteAsync(new byte[StreamWire.HeaderBytes]).ConfigureAwait(false); }
            var header = new byte[StreamWire.HeaderBytes];
            await stream.ReadExactlyAsync(header).ConfigureAwait(false);
            (StreamKind kind, int seed) = StreamWire.Read(header);
            await Talk(client, stream, kind, seed).ConfigureAwait(false);
            client.Dispose();
        }
        catch (InvalidDataException wrong)
        {
            await Console.Error.WriteLineAsync($"stream server: {wrong.Message}").ConfigureAwait(false);
            client.LingerState = new LingerOption(true, 0);
            client.Dispose();
        }
        catch (Exception end) when (end is IOException or SocketException or AuthenticationException)
        {
            client.Dispose();
        }
    }

    private async Task<SslStream> Secured(Socket client)
    {
        SslStream stream = new(new NetworkStream(client, ownsSocket: false));
        await stream.AuthenticateAsServerAsync(certificate).ConfigureAwait(false);
        return stream;
    }

    private static async Task Talk(Socket client, Stream stream, StreamKind kind, int seed)
    {
        switch (kind)
        {
            case StreamKind.Download:
            case StreamKind.ClientEnded:
                await StreamWire.WriteOn(stream, seed, CancellationToken.None).ConfigureAwait(false);
                break;
            case StreamKind.SlowDownload:
                await StreamWire.Pour(stream, seed).ConfigureAwait(false);
                break;
            case StreamKind.ServerEnded:
                client.Shutdown(SocketShutdown.Send);
                await Swallow(stream, seed).ConfigureAwait(false);
                break;
            case StreamKind.Upload:
                long swallowed = await Swallow(stream, seed).ConfigureAwait(false);
                var total = new byte[sizeof(long)];
                BinaryPrimitives.WriteInt64LittleEndian(total, swallowed);
                await stream.WriteAsync(total).ConfigureAwait(false);
                break;
            default:
                await Answer(stream, seed).ConfigureAwait(false);
                break;
        }
    }

    private static async Task<long> Swallow(Stream stream, int seed)
    {
        var portion = new byte[64 * 1024];
        long place = 0;
        int got;
        while ((got = await stream.ReadAsync(portion).ConfigureAwait(false)) > 0)
        {
            StreamWire.Check(portion.AsSpan(0, got), seed, place);
            place += got;
        }
        return place;
    }

    private static void Reply(byte[] question, int seed, long place)
    {
        StreamWire.Check(question, seed, place);
        StreamWire.Fill(question, ~seed, place);
    }

    /// <summary>Every question is the pattern's next bytes; the answer is the same bytes of the next stream's pattern.</summary>
    private static async Task Answer(Stream stream, int seed)
    {
        var question = new byte[StreamWire.QuestionBytes];
        for (long place = 0; await stream.ReadAtLeastAsync(question, question.Length, throwOnEndOfStream: false).ConfigureAwait(false) == question.Length; place += question.Length)
        {
            Reply(question, seed, place);
            await stream.WriteAsync(question).ConfigureAwait(false);
        }
    }
}
