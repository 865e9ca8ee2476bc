using System.Diagnostics;
using ExchangeLb.Bench.Kernel;

namespace ExchangeLb.Bench.Traffic;

/// <summary>New connections, a fixed number at a time: connect, one small request, one small answer, close by one of the sides.</summary>
internal static class ConnectionLoad
{
    internal static LoadResult Run(int port, int connections, int atATime, bool serverCloses)
    {
        using var clients = new SmallClients(port, atATime);
        var ask = serverCloses ? AskFor.CloseAfterAnswer : AskFor.Answer;
        var started = Stopwatch.GetTimestamp();
        var opened = 0;
        for (; opened < atATime; opened++) { clients.Open(opened, ask); }

        for (var done = 0; done < connections;)
        {
            foreach (ref readonly var happened in clients.Wait())
            {
                var slot = (int)happened.Data;
                var progress = clients.Read(slot);
                var peerClosed = (happened.Events & EpollEvents.PeerClosed) != 0;
                if (progress == Progress.Answered && serverCloses) { progress = peerClosed ? clients.Read(slot) : Progress.Waiting; }
                if (progress == Progress.Waiting) { continue; }
                if (progress == Progress.Closed && !serverCloses) { throw new BrokenRunException("closed by the server's side, which should wait"); }
                clients.Close(slot);
                done++;
                if (opened++ < connections) { clients.Open(slot, ask); }
            }
        }
        return new LoadResult(connections, Stopwatch.GetElapsedTime(started), connections);
    }
}
