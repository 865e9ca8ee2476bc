using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Threading;
using System.Threading.Tasks;
using ExchangeLb.DrillClient.Figures;

namespace ExchangeLb.DrillClient.Probing;

/// <summary>
/// Connections as Outlook keeps them: some talk all the time, some are quiet and are asked once at the end. One is broken when an answer does not
/// come within the limit, however it ends.
/// </summary>
internal sealed class LongLivedConnections(Options options) : IDisposable
{
    private static readonly TimeSpan TalkEvery = TimeSpan.FromMilliseconds(100);

    /// <summary>Time for TCP to repeat what was lost meanwhile.</summary>
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(5);

    private readonly List<TlsVisit> _chatting = [];
    private readonly List<TlsVisit> _quiet = [];
    private readonly CancellationTokenSource _stop = new();
    private Task<bool>[] _talks = [];

    /// <returns>false: one could not be opened.</returns>
    internal bool Open()
    {
        try
        {
            for (int number = 0; number < options.Chatting; number++) { _chatting.Add(Opened(number)); }
            for (int number = 0; number < options.Quiet; number++) { _quiet.Add(Opened(number)); }
        }
        catch (Exception exception) when (IsEndOfConnection(exception))
        {
            return false;
        }
        _talks = [.. _chatting.Select(visit => Task.Run(() => Talk(visit)))];
        return true;
    }

    internal LongLivedFigures Finish()
    {
        _stop.Cancel();
        Task.WaitAll(_talks);
        bool[] quiet = Task.WhenAll(_quiet.Select(visit => Task.Run(() => Answers(visit)))).GetAwaiter().GetResult();
        return new LongLivedFigures(_talks.Length, _talks.Count(talk => !talk.Result), quiet.Length, quiet.Count(answered => !answered));
    }

    public void Dispose()
    {
        foreach (TlsVisit visit in _chatting.Concat(_quiet)) { visit.Dispose(); }
        _stop.Dispose();
    }

    private TlsVisit Opened(int number)
    {
        TlsVisit visit = new(options, options.Sources[number % options.Sources.Count], keepAlive: true);
        using CancellationTokenSource limit = new(AnswerWithin);
        visit.Connect(limit.Token).AsTask().GetAwaiter().GetResult();
        visit.Handshake(limit.Token).GetAwaiter().GetResult();
        visit.Ask(limit.Token).GetAwaiter().GetResult();
        return visit;
    }

    private async Task<bool> Talk(TlsVisit visit)
    {
        while (!_stop.IsCancellationRequested)
        {
            if (!await Answers(visit).ConfigureAwait(false)) { return false; }
            await Task.Delay(TalkEvery, CancellationToken.None).ConfigureAwait(false);
        }
        return true;
    }

    private static async Task<bool> Answers(TlsVisit visit)
    {
        using CancellationTokenSource limit = new(AnswerWithin);
        try
        {
            await visit.Ask(limit.Token).ConfigureAwait(false);
            return true;
        }
        catch (Exception exception) when (IsEndOfConnection(exception))
        {
            return false;
        }
    }

    private static bool IsEndOfConnection(Exception exception) => exception is SocketException or IOException or OperationCanceledException or AuthenticationException;
}
