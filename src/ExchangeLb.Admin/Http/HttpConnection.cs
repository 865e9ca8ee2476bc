using System;
using System.Buffers;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using ExchangeLb.Admin.Text;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Runtime;

namespace ExchangeLb.Admin.Http;

/// <summary>One client of a stats page, from its first byte to the close. Owned by one task.</summary>
internal sealed class HttpConnection(
    Socket socket, IStatsSession session, Func<ILoadBalancerRuntime> runtime, TimeProvider time, Func<IClusterRuntime?>? cluster = null) : IDisposable
{
    private readonly ProxyModel _proxy = session.Proxy;
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(4096);
    private int _filled;

    /// <summary>How a wait for a request ended.</summary>
    private enum Wait
    {
        Request,
        Refused,
        TimedOut,
        Gone,
    }

    private TimeSpan ClientTimeout => _proxy.Frontend?.ClientTimeout ?? HttpLimits.WaitWhenUnset;

    private TimeSpan RequestTimeout => _proxy.Stats?.RequestTimeout ?? ClientTimeout;

    private TimeSpan KeepAliveTimeout => _proxy.Stats?.KeepAliveTimeout ?? RequestTimeout;

    /// <summary>Serves requests one after the other. Throws only what sockets throw and, when the place is lost, that it was cancelled.</summary>
    public async Task ServeAsync(HttpPlace place)
    {
        CancellationToken stop = place.Ended;
        socket.NoDelay = true;
        for (bool first = true; ; first = false)
        {
            // 1. The head of a request. A client that says nothing more after an answer just goes; one that stalls is told.
            (Wait outcome, HttpHead head, int refusal) = await ReceiveHeadAsync(first, stop).ConfigureAwait(false);
            if (outcome == Wait.Gone || (outcome == Wait.TimedOut && !first && _filled == 0))
            {
                return;
            }
            if (outcome == Wait.TimedOut)
            {
                refusal = 408;
            }

            // 2. The answer. Who reads it has his place; who has read it waits again.
            place.Answer();
            HttpRequest? request = outcome == Wait.Request
                ? HttpRequestParser.Parse(_buffer.AsSpan(head.Start, head.End - head.Start), out refusal)
                : null;
            bool keepAlive = request is { KeepAlive: true, HasBody: false };
            using HttpReply reply = Answer(request, refusal);
            long bytesIn = outcome == Wait.Request ? head.End : _filled;
            await SendAsync(request, reply, keepAlive, bytesIn, stop).ConfigureAwait(false);
            place.Wait();

            // 3. The next one, or the end.
            if (!keepAlive)
            {
                await DrainAsync(stop).ConfigureAwait(false);
                return;
            }
            _filled -= head.End;
            Buffer.BlockCopy(_buffer, head.End, _buffer, 0, _filled);
        }
    }

    public void Dispose()
    {
        socket.Dispose();
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    private async ValueTask<(Wait Outcome, HttpHead Head, int Refusal)> ReceiveHeadAsync(bool first, CancellationToken stop)
    {
        var head = new HttpHead();
        bool idle = !first && _filled == 0;
        using var deadline = new CancellationTokenSource(idle ? KeepAliveTimeout : RequestTimeout, time);
        using CancellationTokenRegistration onStop = stop.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), deadline);
        while (true)
        {
            switch (head.Look(_buffer.AsSpan(0, _filled)))
            {
                case HeadState.Complete:
                    return (Wait.Request, head, 0);
                case HeadState.LineTooLong:
                    return (Wait.Refused, head, 414);
                case HeadState.TooLarge:
                    return (Wait.Refused, head, 431);
                case HeadState.Malformed:
                    return (Wait.Refused, head, 400);
            }
            int received;
            try
            {
                GrowIfFull();
                received = await socket.ReceiveAsync(_buffer.AsMemory(_filled), SocketFlags.None, deadline.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!stop.IsCancellationRequested)
            {
                return (Wait.TimedOut, head, 0);
            }
            if (received == 0)
            {
                return (Wait.Gone, head, 0);
            }
            _filled += received;
            if (idle)
            {
                idle = false;
                deadline.CancelAfter(RequestTimeout);   // the rest of this request has its own time
            }
        }
    }

    private HttpReply Answer(HttpRequest? request, int refusal)
    {
        if (request is null)
        {
            string sentence = refusal == 408 ? "The request did not come in time." : "The request cannot be read.";
            return HttpReply.Sentence(refusal, sentence) with { Bad = true };
        }
        return StatsSite.Answer(request, _proxy, runtime, cluster?.Invoke());
    }

    private async ValueTask SendAsync(HttpRequest? request, HttpReply reply, bool keepAlive, long bytesIn, CancellationToken stop)
    {
        long sent = 0;
        try
        {
            using var head = new Utf8Writer();
            reply.WriteHead(head, keepAlive);
            sent += await SendPiecesAsync(head.Written, stop).ConfigureAwait(false);
            if (request?.Method != "HEAD")
            {
                sent += await SendPiecesAsync(reply.Body.Written, stop).ConfigureAwait(false);
            }
        }
        finally
        {
            session.RequestEnded(request?.Line ?? "<BADREQ>", reply.Status, bytesIn, sent, reply.Bad);
        }
    }

    private async ValueTask<long> SendPiecesAsync(ReadOnlyMemory<byte> bytes, CancellationToken stop)
    {
        for (int from = 0; from < bytes.Length; from += HttpLimits.SendPieceBytes)
        {
            using var deadline = new CancellationTokenSource(ClientTimeout, time);
            using CancellationTokenRegistration onStop = stop.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), deadline);
            ReadOnlyMemory<byte> piece = bytes.Slice(from, Math.Min(HttpLimits.SendPieceBytes, bytes.Length - from));
            await socket.SendAsync(piece, SocketFlags.None, deadline.Token).ConfigureAwait(false);
        }
        return bytes.Length;
    }

    /// <summary>
    /// A close with unread bytes sends a reset, which can destroy the answer before the client has read it
    /// (RFC 9112, 9.6): so say that nothing more comes, and read for a while.
    /// </summary>
    private async ValueTask DrainAsync(CancellationToken stop)
    {
        socket.Shutdown(SocketShutdown.Send);
        using var deadline = new CancellationTokenSource(HttpLimits.DrainTime, time);
        using CancellationTokenRegistration onStop = stop.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), deadline);
        for (int drained = 0; drained < HttpLimits.DrainBytes;)
        {
            int received = await socket.ReceiveAsync(_buffer, SocketFlags.None, deadline.Token).ConfigureAwait(false);
            if (received == 0)
            {
                return;
            }
            drained += received;
        }
    }

    private void GrowIfFull()
    {
        if (_filled < _buffer.Length)
        {
            return;
        }
        // Ends at the first power of two beyond HttpLimits.HeadBytes, where the head is refused.
        byte[] larger = ArrayPool<byte>.Shared.Rent(_buffer.Length * 2);
        _buffer.AsSpan(0, _filled).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
