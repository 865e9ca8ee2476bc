using System;

namespace ExchangeLb.Core.Logging;

/// <summary>
/// The line of `option tcplog`: `%ci:%cp [%t] %ft %b/%s %Tw/%Tc/%Tt %B %ts %ac/%fc/%bc/%sc/%rc %sq/%bq` (configuration.txt, 8.2.2),
/// without frame and line end. Cut off where the buffer ends.
/// </summary>
public static class SessionLogLine
{
    /// <summary>Stands for the server when none was chosen.</summary>
    public static ReadOnlySpan<byte> NoServer => "<NOSRV>"u8;

    /// <summary>Stands for the server when the stats page answered.</summary>
    public static ReadOnlySpan<byte> StatsServer => "<STATS>"u8;

    /// <summary>Returns the length.</summary>
    public static int Write(in SessionLogFacts facts, Span<byte> destination)
    {
        LineWriter line = new(destination);

        // 1. Who, when, where to.
        AddressText.AddEndpoint(ref line, facts.ClientAddress, facts.ClientPort);
        line.Add(" ["u8);
        new CivilTime(facts.AcceptUnixMs * 1000, facts.UtcOffsetSeconds).AddAcceptDate(ref line);
        line.Add("] "u8);
        line.Add(facts.Frontend);
        line.Add((byte)' ');
        line.Add(facts.Backend);
        line.Add((byte)'/');
        line.Add(facts.Server ?? NoServer);

        // 2. How long, how much, how it ended.
        line.Add((byte)' ');
        line.Add((long)facts.QueueMs);
        line.Add((byte)'/');
        line.Add((long)facts.ConnectMs);
        line.Add((byte)'/');
        AddMarked(ref line, facts.Early, facts.TotalMs);
        line.Add((byte)' ');
        AddMarked(ref line, facts.Early, facts.BytesToClient);
        line.Add((byte)' ');
        line.Add((byte)facts.End.Cause);
        line.Add((byte)facts.End.Phase);

        // 3. How many others.
        line.Add((byte)' ');
        line.Add((long)facts.ActiveConnections);
        line.Add((byte)'/');
        line.Add((long)facts.FrontendConnections);
        line.Add((byte)'/');
        line.Add((long)facts.BackendConnections);
        line.Add((byte)'/');
        line.Add((long)facts.ServerConnections);
        line.Add((byte)'/');
        AddMarked(ref line, facts.Redispatched, facts.Retries);
        line.Add((byte)' ');
        line.Add((long)facts.ServerQueue);
        line.Add((byte)'/');
        line.Add((long)facts.BackendQueue);
        return line.Length;
    }

    private static void AddMarked(ref LineWriter line, bool marked, long number)
    {
        if (marked)
        {
            line.Add((byte)'+');
        }
        line.Add(number);
    }
}
