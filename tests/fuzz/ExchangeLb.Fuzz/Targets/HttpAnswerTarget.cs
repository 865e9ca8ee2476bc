using System;
using System.Collections.Generic;
using ExchangeLb.Core.Health;
using ExchangeLb.Core.Runtime;

namespace ExchangeLb.Fuzz.Targets;

/// <summary>What a checked server answers to an HTTP request. How the network cuts it must not change the verdict.</summary>
internal sealed class HttpAnswerTarget : FuzzTarget
{
    public override string Name => "http-answer";

    public override IReadOnlyList<byte[]> Seeds { get; } = Bytes(
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", "HTTP/1.0 302 Found\nLocation: /owa\n folded\n\n", "\r\n\r\nHTTP/1.1  404\t \r\n\r\n",
        "HTTP/1.1 503\r\n\r\n", "220 mail ESMTP\r\n");

    public override IReadOnlyList<string> Tokens { get; } = ["HTTP/1.1 ", "HTTP/2.0", "\r\n", "\r\n\r\n", "\n", " ", "200", "99999999999", ":", "X: y"];

    public override void Run(byte[] input, Random random)
    {
        (CheckResult Result, int Code, string Info) whole = Read(input, null);
        (CheckResult Result, int Code, string Info) pieces = Read(input, random);
        if (whole != pieces)
        {
            throw new InvalidOperationException($"{whole} at once and {pieces} in pieces");
        }
        if (whole.Result is not (CheckResult.HttpOk or CheckResult.HttpBadResponse or CheckResult.HttpBadStatus) || whole.Info.Length > 200)
        {
            throw new InvalidOperationException($"{whole}");
        }
    }

    private static (CheckResult Result, int Code, string Info) Read(byte[] input, Random? random)
    {
        var answer = new HttpCheckAnswer();
        bool judged = false;
        if (random is null)
        {
            judged = answer.Feed(input);
        }
        else
        {
            InPieces(input, random, piece => !(judged = answer.Feed(piece.Span)));
        }
        if (!judged)
        {
            answer.End();
        }
        return (answer.Result, answer.Code, answer.Info);
    }
}
