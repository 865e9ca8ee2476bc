using System;
using ExchangeLb.Bench.Traffic;

namespace ExchangeLb.Bench.Soak;

/// <summary>One way for a connection to live and end, as often as its weight says. Throws when the proxy does anything unexpected.</summary>
internal sealed record SoakKind(string Name, int Weight, Action<BlockingClient, Random> Live)
{
    private const int Small = Protocol.SmallAnswerLength, SmallBody = Protocol.SmallRequestLength - Protocol.RequestHeadLength;

    internal static readonly SoakKind[] All =
    [
        new("server closes", 300, (client, random) =>
        {
            client.Ask(AskFor.CloseAfterAnswer, Tag(random), SmallBody, Small);
            client.ReadAnswer(Small);
            client.ReadEnd();
        }),
        new("client closes", 300, (client, random) =>
        {
            client.Ask(AskFor.Answer, Tag(random), SmallBody, Small);
            client.ReadAnswer(Small);
        }),
        new("client finishes sending, then reads", 100, (client, random) =>
        {
            client.Ask(AskFor.Answer, Tag(random), SmallBody, Small);
            client.FinishSending();
            client.ReadAnswer(Small);
            client.ReadEnd();
        }),
        new("several requests", 60, (client, random) =>
        {
            for (var i = 0; i < 5; i++)
            {
                client.Ask(AskFor.Answer, Tag(random), SmallBody, Small);
                client.ReadAnswer(Small);
            }
        }),
        new("server resets", 60, (client, random) =>
        {
            client.Ask(AskFor.ResetInsteadOfAnswer, Tag(random), SmallBody, Small);
            client.ReadBreak();
        }),
        new("client resets after the answer", 60, (client, random) =>
        {
            client.Ask(AskFor.Answer, Tag(random), SmallBody, Small);
            client.ReadAnswer(Small);
            client.Reset();
        }),
        new("client says nothing", 40, (_, _) => { }),
        new("client resets at once", 20, (client, _) => client.Reset()),
        new("client goes in the middle of a request", 30, (client, random) => client.AskInPart(random.Next(1, Protocol.RequestHeadLength))),
        new("client goes in the middle of a long answer", 10, (client, random) =>
        {
            client.Ask(AskFor.Answer, Tag(random), 0, Long(random));
            client.ReadSome();
        }),
        new("client resets in the middle of a long answer", 10, (client, random) =>
        {
            client.Ask(AskFor.Answer, Tag(random), 0, Long(random));
            client.ReadSome();
            client.Reset();
        }),
        new("long answer", 4, (client, random) =>
        {
            var length = Long(random);
            client.Ask(AskFor.Answer, Tag(random), 0, length);
            client.ReadAnswer(length);
        }),
        new("long answer to a small window", 2, (client, random) =>
        {
            var length = Long(random);
            client.ShrinkReceiveBuffer(128 * 1024);   // less than two segments of loopback (64 KiB) would crawl by the persist timer
            client.Ask(AskFor.CloseAfterAnswer, Tag(random), 0, length);
            client.ReadAnswer(length);
            client.ReadEnd();
        }),
        new("long request", 4, (client, random) =>
        {
            client.Ask(AskFor.VerifyBody, Tag(random), Long(random), Small);
            client.FinishSending();
            client.ReadAnswer(Small);
            client.ReadEnd();
        }),
    ];

    private static ulong Tag(Random random) => (ulong)random.NextInt64();

    private static ulong Long(Random random) => (ulong)random.Next(200_000, 4_000_000);
}
