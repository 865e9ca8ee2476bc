using System.Diagnostics;
using ExchangeLb.Bench.Kernel;

namespace ExchangeLb.Bench.Traffic;

/// <summary>Small requests on kept-alive connections, each asking again as soon as it is answered (closed loop).</summary>
internal static class RequestLoad
{
    internal static LoadResult Run(int port, int requests, int connections)
    {
        using var clients = new SmallClients(port, connections);
        var started = Stopwatch.GetTimestamp();
        var asked = 0;
        for (; asked < connections; asked++) { clients.Open(asked, AskFor.Answer); }

        for (var answered = 0; answered < requests;)
        {
            foreach (ref readonly var happened in clients.Wait())
            {
                var slot = (int)happened.Data;
                switch (clients.Read(slot))
                {
                    case Progress.Closed:
                        throw new BrokenRunException("a kept-alive connection was closed");
                    case Progress.Answered:
                        answered++;
                        if (asked++ < requests) { clients.Ask(slot); }
                        break;
                }
            }
        }
        return new LoadResult(requests, Stopwatch.GetElapsedTime(started), connections);
    }
}
