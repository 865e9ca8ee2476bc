using System;
using System.Collections.Generic;
using System.IO;
using ExchangeLb.Admin.Http;
using ExchangeLb.Admin.Text;

namespace ExchangeLb.Fuzz.Targets;

/// <summary>Requests for the stats page: from the bytes of the head to those of the answer.</summary>
internal sealed class StatsRequestTarget(LiveBalancer live) : FuzzTarget
{
    public override string Name => "stats-request";

    public override IReadOnlyList<byte[]> Seeds { get; } = Bytes(
        "GET / HTTP/1.1\r\nHost: lb\r\nAuthorization: Basic YWRtaW46c2VjcmV0\r\n\r\n",
        "GET /;csv HTTP/1.1\r\nHost: lb\r\nAuthorization: Basic YWRtaW46c2VjcmV0\r\nConnection: close\r\n\r\n",
        "HEAD /;up;norefresh HTTP/1.0\r\nAuthorization: Basic YWRtaW46c2VjcmV0\r\n\r\n", "\r\nGET / HTTP/1.1\nHost:\n\n",
        "POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nhello");

    public override IReadOnlyList<string> Tokens { get; } =
        ["GET ", "HTTP/1.1", "\r\n", "\r\n\r\n", ";csv", ";json", "?", "%00", "%zz", "Authorization: Basic ", "Connection: keep-alive", "Transfer-Encoding: ", "*", "http://lb/"];

    public override void Run(byte[] input, Random random)
    {
        var head = new HttpHead();
        HeadState state = HeadState.Incomplete;
        int received = 0;
        InPieces(input, random, piece =>
        {
            received += piece.Length;
            state = head.Look(input.AsSpan(0, received));
            return state == HeadState.Incomplete;
        });
        if (state != HeadState.Complete)
        {
            return;
        }
        if (head.Start < 0 || head.End > received || head.Start >= head.End)
        {
            throw new InvalidDataException($"the head is at {head.Start}..{head.End} of {received}");
        }
        HttpRequest? request = HttpRequestParser.Parse(input.AsSpan(head.Start, head.End - head.Start), out int status);
        if (request is null)
        {
            if (status is not (400 or 431 or 505))
            {
                throw new InvalidDataException($"refused with {status}");
            }
            return;
        }
        using HttpReply reply = StatsSite.Answer(request, live.Stats, () => live.Runtime);
        using var writer = new Utf8Writer();
        reply.WriteHead(writer, request.KeepAlive);
        string text = writer.ToString();
        if (text.IndexOf("\r\n\r\n", StringComparison.Ordinal) != text.Length - 4)
        {
            throw new InvalidDataException($"the answer's head has an end inside: {text}");
        }
    }
}
