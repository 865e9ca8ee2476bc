using System;
using ExchangeLb.Bench.Kernel;

namespace ExchangeLb.Bench.Traffic;

/// <summary>Many established connections that have exchanged one request each and then say nothing.</summary>
internal sealed class IdleCrowd : IDisposable
{
    private const int AtATime = 64;
    private readonly SmallClients _clients;
    private readonly int _count;

    /// <summary>Opens all, and returns when each one is answered.</summary>
    internal IdleCrowd(int port, int count)
    {
        _clients = new SmallClients(port, count);
        _count = count;
        try
        {
            ForAll(slot => _clients.Open(slot, AskFor.Answer));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Asks once more on each connection: all must have been kept.</summary>
    internal void AskAll() => ForAll(_clients.Ask);

    public void Dispose() => _clients.Dispose();

    private void ForAll(Action<int> ask)
    {
        var asked = 0;
        for (; asked < Math.Min(AtATime, _count); asked++) { ask(asked); }
        for (var answered = 0; answered < _count;)
        {
            foreach (ref readonly var happened in _clients.Wait())
            {
                switch (_clients.Read((int)happened.Data))
                {
                    case Progress.Closed:
                        throw new BrokenRunException($"an idle connection was closed ({answered} of {_count} have answered)");
                    case Progress.Answered:
                        answered++;
                        if (asked < _count) { ask(asked++); }
                        break;
                }
            }
        }
    }
}
