using System;
using System.Threading;
using ExchangeLb.Bench.Kernel;

namespace ExchangeLb.Bench.Traffic;

/// <summary>Tries a port that a starting proxy will open.</summary>
internal static class FirstExchange
{
    private static readonly TimeSpan Pause = TimeSpan.FromMicroseconds(200);

    /// <summary>True when one request was answered; false, after 200 microseconds, when nobody listened or the connection broke.</summary>
    internal static bool Succeeds(int port)
    {
        try
        {
            using var client = BlockingClient.TryOpen(port);
            if (client is not null)
            {
                client.Ask(AskFor.Answer, 1, Protocol.SmallRequestLength - Protocol.RequestHeadLength, Protocol.SmallAnswerLength);
                client.ReadAnswer(Protocol.SmallAnswerLength);
                return true;
            }
        }
        catch (BrokenRunException)
        {
            // Accepted but not served yet: the caller tries again, and has the time limit.
        }
        Thread.Sleep(Pause);
        return false;
    }
}
