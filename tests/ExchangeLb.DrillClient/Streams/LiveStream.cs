using System;
using System.Buffers.Binary;
using System.Diagnostics;
using System.IO;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Threading;
using System.Threading.Tasks;

namespace ExchangeLb.DrillClient.Streams;

internal enum StreamFate
{
    Lived,

    /// <summary>It was ended: by a reset, or by an end of stream that nobody had asked for.</summary>
    Ended,

    /// <summary>Nothing was heard for <see cref="LiveStream.Patience"/>.</summary>
    Hung,

    /// <summary>A byte was wrong, missing or doubled.</summary>
    Wrong,
}

/// <summary>The client's end of one stream, from its opening to its verdict.</summary>
internal sealed class LiveStream(StreamKind kind, int seed, Options options) : IDisposable
{
    /// <summary>Longer than TCP takes to repeat what was lost during a failover.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly Socket _socket = new(options.Service.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private Stream _stream = Stream.Null;
    private long _place;
    private long _progressAt = Stopwatch.GetTimestamp();

    internal StreamKind Kind => kind;

    /// <summary>The longest time without progress that one was due in.</summary>
    internal TimeSpan LongestStall { get; private set; }

    internal StreamFate Fate { get; private set; }

    internal string Why { get; private set; } = "";

    /// <summary>When something last came that was waited for, and when its end was known; timestamps of <see cref="Stopwatch"/>.</summary>
    internal long ProgressAt { get; private set; }
    internal long EndedAt { get; private set; }

    /// <exception cref="SocketException">It can't be opened; likewise the others.</exception>
    internal async Task Open()
    {
        if (kind == StreamKind.SlowDownload) { _socket.ReceiveBufferSize = StreamWire.SlowReceiveBuffer; }
        _socket.Bind(new IPEndPoint(options.Sources[Math.Abs(seed) % options.Sources.Count], 0));
        int port = options.Service.Port + (kind == StreamKind.ServerFirst ? 1 : kind == StreamKind.Tls ? 2 : 0);
        using CancellationTokenSource limit = new(Patience);
        await _socket.ConnectAsync(new IPEndPoint(options.Service.Address, port), limit.Token).ConfigureAwait(false);
        _stream = new NetworkStream(_socket, ownsSocket: false);
        if (kind == StreamKind.Tls)
        {
#pragma warning disable CA5359 // the stand-in's certificate is of the lab; what counts here is that the bytes are those that were sent
            SslStream secured = new(_stream, leaveInnerStreamOpen: false, (_, _, _, _) => true);
#pragma warning restore CA5359
            await secured.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = options.Site }, limit.Token).ConfigureAwait(false);
            _stream = secured;
        }
        if (kind == StreamKind.ServerFirst) { await _stream.ReadExactlyAsync(new byte[StreamWire.HeaderBytes], limit.Token).ConfigureAwait(false); }
        await _stream.WriteAsync(StreamWire.Header(kind, seed), limit.Token).ConfigureAwait(false);
        if (kind == StreamKind.ClientEnded) { _socket.Shutdown(SocketShutdown.Send); }
        if (kind is not (StreamKind.Download or StreamKind.SlowDownload or StreamKind.ClientEnded or StreamKind.Upload or StreamKind.ServerEnded)) { await Ask(limit.Token).ConfigureAwait(false); }
    }

    /// <summary>Goes on until it is told to stop, then comes to its end in order, if it can.</summary>
    internal async Task Live(CancellationToken stop)
    {
        try
        {
            await (kind switch
            {
                StreamKind.Idle => Wait(stop),
                StreamKind.PingPong => Talk(StreamWire.Pace, stop),
                StreamKind.Download or StreamKind.ClientEnded => Take(stop),
                StreamKind.SlowDownload => TakeSlowly(stop),
                StreamKind.Upload or StreamKind.ServerEnded => Give(stop),
                _ => Talk(StreamWire.QuestionEvery, stop),
            }).ConfigureAwait(false);
        }
        catch (InvalidDataException wrong)
        {
            (Fate, Why) = (StreamFate.Wrong, wrong.Message);
        }
        catch (OperationCanceledException)
        {
            (Fate, Why) = (StreamFate.Hung, $"nothing came for {Patience.TotalSeconds:F0} s");
        }
        catch (Exception end) when (end is IOException or SocketException or AuthenticationException)
        {
            (Fate, Why) = (StreamFate.Ended, end.Message);
        }
        EndedAt = Stopwatch.GetTimestamp();
    }

    public void Dispose()
    {
        _stream.Dispose();
        _socket.Dispose();
    }

    private async Task Wait(CancellationToken stop)
    {
        using CancellationTokenSource ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var one = new byte[1];
        try
        {
            int got = await _socket.ReceiveAsync(one, SocketFlags.Peek, ended.Token).ConfigureAwait(false);
            throw got == 0 ? new IOException("ended by the other side") : new InvalidDataException("bytes came unasked");
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            await AskInTime().ConfigureAwait(false);
        }
    }

    private async Task Talk(TimeSpan every, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await AskInTime().ConfigureAwait(false);
            await Task.Delay(every, CancellationToken.None).ConfigureAwait(false);
        }
    }

    private async Task Take(CancellationToken stop)
    {
        var portion = new byte[64 * 1024];
        Begin();
        while (!stop.IsCancellationRequested) { await TakeSome(portion).ConfigureAwait(false); }
    }

    /// <summary>A portion at each beat: only the time from there to the next byte is a stall. What a stall has kept back is not made good.</summary>
    private async Task TakeSlowly(CancellationToken stop)
    {
        var portion = new byte[StreamWire.SlowPortion];
        using PeriodicTimer pace = new(StreamWire.BulkPace);
        while (!stop.IsCancellationRequested && await pace.WaitForNextTickAsync(CancellationToken.None).ConfigureAwait(false))
        {
            Begin();
            for (int taken = 0; taken < portion.Length && !stop.IsCancellationRequested;) { taken += await TakeSome(portion.AsMemory(taken)).ConfigureAwait(false); }
        }
    }

    private async Task<int> TakeSome(Memory<byte> portion)
    {
        using CancellationTokenSource limit = new(Patience);
        int got = await _stream.ReadAsync(portion, limit.Token).ConfigureAwait(false);
        if (got == 0) { throw new IOException("ended by the other side"); }
        StreamWire.Check(portion.Span[..got], seed, _place);
        _place += got;
        Progress();
        return got;
    }

    private async Task Give(CancellationToken stop)
    {
        using CancellationTokenSource ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
        Task<long> written = StreamWire.WriteOn(_stream, seed, ended.Token);
        long sent = await written.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        if (kind == StreamKind.ServerEnded) { return; }
        _socket.Shutdown(SocketShutdown.Send);
        using CancellationTokenSource limit = new(Patience);
        var total = new byte[sizeof(long)];
        await _stream.ReadExactlyAsync(total, limit.Token).ConfigureAwait(false);
        if (BinaryPrimitives.ReadInt64LittleEndian(total) != sent) { throw new InvalidDataException($"of {sent} bytes {BinaryPrimitives.ReadInt64LittleEndian(total)} arrived"); }
    }

    private async Task AskInTime()
    {
        using CancellationTokenSource limit = new(Patience);
        Begin();
        await Ask(limit.Token).ConfigureAwait(false);
        Progress();
    }

    private async Task Ask(CancellationToken limit)
    {
        var bytes = new byte[StreamWire.QuestionBytes];
        StreamWire.Fill(bytes, seed, _place);
        await _stream.WriteAsync(bytes, limit).ConfigureAwait(false);
        await _stream.ReadExactlyAsync(bytes, limit).ConfigureAwait(false);
        StreamWire.Check(bytes, ~seed, _place);
        _place += bytes.Length;
    }

    private void Begin() => _progressAt = Stopwatch.GetTimestamp();

    private void Progress()
    {
        TimeSpan stall = Stopwatch.GetElapsedTime(_progressAt);
        if (stall > LongestStall) { LongestStall = stall; }
        ProgressAt = Stopwatch.GetTimestamp();
        Begin();
    }
}
