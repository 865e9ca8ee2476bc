using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Threading;
using System.Threading.Tasks;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Runtime;
using ExchangeLb.Linux.Repair;
using ExchangeLb.Proxy.Frontends;
using ExchangeLb.Proxy.Loops;
using ExchangeLb.Proxy.Sessions;

namespace ExchangeLb.Proxy.HandOver;

/// <summary>The load balancer's sessions as the cluster moves them: one order to all loops, and those that were adopted, until they run.</summary>
/// <param name="proxies">The configuration at work.</param>
internal sealed class MovableSessions(ProcessState process, SessionRestoring restoring, Func<RunningProxies> proxies) : IMovableSessions
{
    private readonly Lock _gate = new();
    private readonly Dictionary<IPAddress, List<AdoptedSession>> _adopted = [];

    public string? Lack => restoring.Lack;

    public int Count(IPAddress address) =>
        proxies().Frontends.Where(frontend => frontend.State.Mode == ProxyMode.Tcp && Serves(frontend, address)).Sum(frontend => frontend.State.Sessions.Current);

    public Task<FrozenSessions> FreezeAsync(IPAddress address, Action<ReadOnlyMemory<byte>> ship)
    {
        FreezeOrder order = new(address, process.Loops.Length, ship);
        foreach (EventLoop loop in process.Loops)
        {
            if (!loop.Post(new LoopMessage.FreezeSessions(order, From: 0)))
            {
                order.LoopIsThrough();      // it has ended: it has none
            }
        }
        return order.Done;
    }

    public void Resume(IPAddress address) => Tell(new LoopMessage.ResumeFrozen(new LocalAddresses([address]), From: 0));

    public void Forget(IPAddress address) => Tell(new LoopMessage.ForgetFrozen(new LocalAddresses([address]), From: 0));

    public string? Adopt(IPAddress address, ReadOnlySpan<byte> image)
    {
        ImageClock now = ImageClock.Now;
        if (SessionImageCodec.Read(image, now) is not { } session)
        {
            return "an image of a session is damaged, or of another release";
        }
        if (restoring.Open(session, now, AdoptedCount(), out AdoptedSession? adopted) is { } problem)
        {
            return problem;
        }
        Keep(address, adopted!);
        return null;
    }

    public int Run(IPAddress address)
    {
        List<AdoptedSession> adopted = Take(address);
        restoring.Run(adopted);
        return adopted.Count;
    }

    public void Drop(IPAddress address)
    {
        foreach (AdoptedSession session in Take(address))
        {
            session.Drop();
        }
    }

    private static bool Serves(FrontendPlan frontend, IPAddress address) =>
        frontend.Model.Binds.Any(bind => bind.Address is { } bound
            && (bound.Address.Equals(address) || bound.Address.Equals(IPAddress.Any) || bound.Address.Equals(IPAddress.IPv6Any)));

    private int AdoptedCount()
    {
        lock (_gate)
        {
            return _adopted.Values.Sum(list => list.Count);
        }
    }

    private void Keep(IPAddress address, AdoptedSession session)
    {
        lock (_gate)
        {
            if (!_adopted.TryGetValue(address, out List<AdoptedSession>? list))
            {
                _adopted[address] = list = [];
            }
            list.Add(session);
        }
    }

    private List<AdoptedSession> Take(IPAddress address)
    {
        lock (_gate)
        {
            return _adopted.Remove(address, out List<AdoptedSession>? list) ? list : [];
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
