using System;

namespace ExchangeLb.Proxy.Recording;

internal enum ProofVerdict
{
    /// <summary>Not known yet.</summary>
    Open,

    /// <summary>Both sides are as recorded: it can go on.</summary>
    Proven,

    /// <summary>It was not quiet.</summary>
    Active,

    /// <summary>A side has gone on after the record, or has gone.</summary>
    Stale,

    /// <summary>A side did not say in time where it stands.</summary>
    Unanswered,
}

/// <summary>What is to be done with one connection of a session.</summary>
internal enum HalfStep
{
    Wait,
    Ask,

    /// <summary>By the numbers that are known.</summary>
    Reset,

    /// <summary>Close without a packet: nobody is there.</summary>
    Close,
}

/// <summary>
/// Decides whether a restored session may go on: only when both sides are as recorded, within a time. Otherwise both are reset, each as soon as
/// it has said with which numbers. Pure.
/// </summary>
/// <param name="quiet">So it was told last.</param>
/// <param name="endMs">By when both sides must have said where they stand.</param>
internal sealed class SessionProof(bool quiet, HalfProof client, HalfProof server, long endMs)
{
    /// <summary>Linux answers once in 500 ms for a connection.</summary>
    public const int AskAgainMs = 550;

    /// <summary>
    /// From the takeover until both sides must have answered: the last reset is to leave within 2 s, and a busy machine is late with it. Time for three
    /// repeated questions; whoever lost something has sent it again by then.
    /// </summary>
    public const int LimitMs = 1700;

    /// <summary>From a session's own first question on, where so many were asked before that the limit is near: time for a second one.</summary>
    private const int OwnLimitMs = AskAgainMs + 150;

    public HalfProof Client => client;

    public HalfProof Server => server;

    /// <summary>When a session has to be decided whose sides are asked now.</summary>
    public static long EndOf(long takeOverMs, long nowMs) => Math.Max(takeOverMs + LimitMs, nowMs + OwnLimitMs);

    public ProofVerdict VerdictAt(long nowMs)
    {
        if (!quiet)
        {
            return ProofVerdict.Active;
        }
        if (client.Standing is HalfStanding.Elsewhere or HalfStanding.Gone || server.Standing is HalfStanding.Elsewhere or HalfStanding.Gone)
        {
            return ProofVerdict.Stale;
        }
        if (client.Standing == HalfStanding.AsRecorded && server.Standing == HalfStanding.AsRecorded)
        {
            return ProofVerdict.Proven;
        }
        return !IsOver(nowMs) ? ProofVerdict.Open
            : client.Standing == HalfStanding.Ahead || server.Standing == HalfStanding.Ahead ? ProofVerdict.Stale
            : ProofVerdict.Unanswered;
    }

    /// <param name="half">One of the two, whose connection still has its socket.</param>
    public HalfStep StepOf(HalfProof half, long nowMs)
    {
        if (VerdictAt(nowMs) != ProofVerdict.Open)
        {
            if (half.Standing == HalfStanding.Gone)
            {
                return HalfStep.Close;
            }
            if (half.Heard is not null || IsOver(nowMs))
            {
                return half.ForReset is null ? HalfStep.Close : HalfStep.Reset;
            }
        }
        return half.Standing != HalfStanding.AsRecorded && nowMs - half.AskedMs >= AskAgainMs ? HalfStep.Ask : HalfStep.Wait;
    }

    private bool IsOver(long nowMs) => nowMs >= endMs;
}
