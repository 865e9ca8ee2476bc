using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Threading;
using System.Threading.Tasks;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Runtime;
using ExchangeLb.Proxy.Frontends;
using ExchangeLb.Proxy.Loops;
using ExchangeLb.Proxy.Sessions;

namespace ExchangeLb.Proxy.HandOver;

/// <summary>The load balancer's sessions as the cluster moves them: one order to all loops, and those that were adopted, until they run.</summary>
/// <param name="proxies">The configuration at work.</param>
internal sealed class MovableSessions(ProcessState process, SessionRestoring restoring, Func<RunningProxies> proxies) : IMovableSessions
{
    private readonly Lock _gate = new();
    private readonly Dictionary<IPAddress, AdoptedBook> _adopted = [];
    private readonly Dictionary<IPAddress, TellOrder> _told = [];
    private readonly Dictionary<IPAddress, FreezeOrder> _frozen = [];

    public string? Lack => restoring.Lack;

    public int Count(IPAddress address)
    {
        FrontendPlan[] serving = [.. proxies().Frontends.Where(frontend => frontend.State.Mode == ProxyMode.Tcp && Serves(frontend, address))];
        if (serving.Length == 0)
        {
            return 0;
        }
        // Who waits in the kernel's queue of a paused listener nobody has counted: 1 stands for them.
        int waiting = process.Waiting.Current + (process.Loops.Any(loop => loop.Listeners.AnyPaused) ? 1 : 0);
        return waiting + serving.Sum(frontend => frontend.State.Sessions.Current);
    }

    public Task<BytesInHand> TellAsync(IPAddress address, ShipSession told)
    {
        TellOrder order = new(address, process.Loops.Length, told);
        CloseTold(address, order);
        foreach (EventLoop loop in process.Loops)
        {
            if (!loop.Post(new LoopMessage.TellSessions(order, From: 0)))
            {
                order.LoopIsThrough();
            }
        }
        return order.Done;
    }

    public Task<FrozenSessions> FreezeAsync(IPAddress address, bool waiting, ShipSession ship, Action<ReadOnlyMemory<ulong>> asTold)
    {
        FreezeOrder order = new(address, process.Loops.Length, CloseTold(address, next: null), waiting, ship, asTold);
        lock (_gate)
        {
            _frozen[address] = order;
        }
        foreach (EventLoop loop in process.Loops)
        {
            if (!loop.Post(new LoopMessage.FreezeSessions(order, From: 0)))
            {
                order.LoopIsThrough();      // it has ended: it has none
            }
        }
        return order.Done;
    }

    public void Hurry(bool on)
    {
        foreach (EventLoop loop in process.Loops)
        {
            loop.Hurry(on);
        }
    }

    public IReadOnlyList<GivenSession> TakeGiven(IPAddress address)
    {
        lock (_gate)
        {
            return _frozen.Remove(address, out FreezeOrder? order) ? order.Given : [];
        }
    }

    public void Resume(IPAddress address)
    {
        CloseTold(address, next: null);
        TakeGiven(address);
        Tell(new LoopMessage.ResumeFrozen(new LocalAddresses([address])));
    }

    public void Forget(IPAddress address)
    {
        CloseTold(address, next: null);
        Tell(new LoopMessage.ForgetFrozen(new LocalAddresses([address]), From: 0));
    }

    public string? Adopt(IPAddress address, ulong id, ReadOnlySpan<byte> image)
    {
        lock (_gate)
        {
            return Book(address).Adopt(id, image, AdoptedCount - WaitingCount, WaitingCount);
        }
    }

    public void AdoptTold(IPAddress address, ulong id, ReadOnlySpan<byte> image)
    {
        lock (_gate)
        {
            Book(address).AdoptTold(id, image, AdoptedCount - WaitingCount);
        }
    }

    public string? Keep(IPAddress address, ReadOnlySpan<ulong> ids)
    {
        lock (_gate)
        {
            AdoptedBook book = Book(address);
            foreach (ulong id in ids)
            {
                if (book.Keep(id, AdoptedCount - WaitingCount, WaitingCount) is { } problem)
                {
                    return problem;
                }
            }
            return null;
        }
    }

    public MissedSessions Settle(IPAddress address)
    {
        lock (_gate)
        {
            return Book(address).Settle(() => (StandingCount, WaitingCount));
        }
    }

    public int Run(IPAddress address, Action ran)
    {
        List<AdoptedSession> adopted = Take(address, out List<ConnectionStand> missed);
        int count = adopted.Count;
        restoring.Run(adopted, ran);
        if (missed.Count > 0)
        {
            new Thread(() => missed.ForEach(connection => connection.Reset())) { Name = "missed", IsBackground = true }.Start();       // with many it takes a while
        }
        return count;
    }

    public void Drop(IPAddress address) => Take(address, out _).ForEach(session => session.Drop());

    private static bool Serves(FrontendPlan frontend, IPAddress address) =>
        frontend.Model.Binds.Any(bind => bind.Address is { } bound
            && (bound.Address.Equals(address) || bound.Address.Equals(IPAddress.Any) || bound.Address.Equals(IPAddress.IPv6Any)));

    private int AdoptedCount => _adopted.Values.Sum(book => book.Count);

    /// <summary>Those that are to run: what was told and has ended since takes no place from one of them.</summary>
    private int StandingCount => _adopted.Values.Sum(book => book.StandingCount);

    private int WaitingCount => _adopted.Values.Sum(book => book.WaitingCount);

    private AdoptedBook Book(IPAddress address)
    {
        if (!_adopted.TryGetValue(address, out AdoptedBook? book))
        {
            _adopted[address] = book = new AdoptedBook(restoring);
        }
        return book;
    }

    /// <summary>Those that are to run; what was told and not named is dropped.</summary>
    private List<AdoptedSession> Take(IPAddress address, out List<ConnectionStand> missed)
    {
        missed = [];
        lock (_gate)
        {
            if (!_adopted.Remove(address, out AdoptedBook? book))
            {
                return [];
            }
            missed = book.TakeMissed();
            return book.Take();
        }
    }

    /// <returns>What was told so far.</returns>
    private TellOrder? CloseTold(IPAddress address, TellOrder? next)
    {
        lock (_gate)
        {
            _told.Remove(address, out TellOrder? last);
            last?.Close();
            if (next is not null)
            {
                _told[address] = next;
            }
            return last;
        }
    }

    private void Tell(LoopMessage message)
    {
        foreach (EventLoop loop in process.Loops)
        {
            loop.Post(message);
        }
    }
}
