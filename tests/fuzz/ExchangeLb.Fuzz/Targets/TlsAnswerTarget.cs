using System;
using System.Collections.Generic;
using ExchangeLb.Core.Health;
using ExchangeLb.Core.Runtime;

namespace ExchangeLb.Fuzz.Targets;

/// <summary>What a checked server answers to a ClientHello.</summary>
internal sealed class TlsAnswerTarget : FuzzTarget
{
    public override string Name => "tls-answer";

    public override IReadOnlyList<byte[]> Seeds { get; } =
        [[0x16, 3, 3, 0, 0x31, 2, 0, 0, 0x2D, 3, 3], [0x15, 3, 1, 0, 2, 2, 40], [0x48, 0x54, 0x54, 0x50], []];

    public override IReadOnlyList<string> Tokens { get; } = ["\u0015\u0003\u0001", "\u0016\u0003\u0003", "HTTP/1.1 400"];

    public override void Run(byte[] input, Random random)
    {
        var answer = new TlsAnswer();
        bool judged = false;
        InPieces(input, random, piece => !(judged = answer.Feed(piece.Span)));
        if (!judged)
        {
            answer.End();
        }
        bool tls = input.Length > 0 && input[0] is 0x15 or 0x16;
        if (answer.Result != (tls ? CheckResult.TlsOk : CheckResult.TlsBadResponse) || (!tls && answer.Info.Length == 0))
        {
            throw new InvalidOperationException($"{answer.Result} '{answer.Info}'");
        }
    }
}
