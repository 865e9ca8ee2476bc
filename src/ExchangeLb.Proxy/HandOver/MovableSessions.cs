using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Threading;
using System.Threading.Tasks;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Runtime;
using ExchangeLb.Linux.Repair;
using ExchangeLb.Proxy.Backends;
using ExchangeLb.Proxy.Frontends;
using ExchangeLb.Proxy.Loops;
using ExchangeLb.Proxy.Sessions;

namespace ExchangeLb.Proxy.HandOver;

/// <summary>The load balancer's sessions as the cluster moves them: one order to all loops, and those that were adopted, until they run.</summary>
/// <param name="proxies">The configuration at work.</param>
internal sealed class MovableSessions(ProcessState process, Func<RunningProxies> proxies) : IMovableSessions
{
    private readonly Lazy<RepairSupport> _support = new(RepairSupport.Probe);
    private readonly Lock _gate = new();
    private readonly Dictionary<IPAddress, List<AdoptedSession>> _adopted = [];
    private int _nextLoop;

    public string? Lack => _support.Value is { Works: false, Reason: var reason } ? reason : null;

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

    public void Resume(IPAddress address) => Tell(new LoopMessage.ResumeFrozen(new LocalAddresses([address])));

    public void Forget(IPAddress address) => Tell(new LoopMessage.ForgetFrozen(new LocalAddresses([address])));

    public string? Adopt(IPAddress address, ReadOnlySpan<byte> image)
    {
        ImageClock now = ImageClock.Now;
        if (SessionImageCodec.Read(image, now) is not { } session)
        {
            return "an image of a session is damaged, or of another release";
        }
        string? problem = TryFind(session, out FrontendPlan? frontend, out BackendPlan? backend, out ServerState? server);
        if (problem is not null)
        {
            return problem;
        }
        if (process.Connections.Current + AdoptedCount() >= process.MaxConn)
        {
            return $"there are {process.MaxConn} connections already (maxconn)";
        }
        RestoreResult client = TcpRestore.Open(session.Client, now);
        if (!client.Ok)
        {
            return Describe("the client's", client);
        }
        RestoreResult? serverSide = session.ServerSide is { } other ? TcpRestore.Open(other, now) : null;
        if (serverSide is { Ok: false } failed)
        {
            TcpDump.CloseFrozen(client.Socket.Fd);
            return Describe("the server's", failed);
        }
        Keep(address, new AdoptedSession(session, frontend!.State, backend!, server!, client.Socket, serverSide?.Socket));
        return null;
    }

    public int Run(IPAddress address)
    {
        List<AdoptedSession> adopted = Take(address);
        foreach (AdoptedSession session in adopted)
        {
            EventLoop loop = process.Loops[(int)((uint)Interlocked.Increment(ref _nextLoop) % (uint)process.Loops.Length)];
            if (!loop.Post(new LoopMessage.RunAdopted(session)))
            {
                session.Drop();
            }
        }
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

    private string? TryFind(SessionImage session, out FrontendPlan? frontend, out BackendPlan? backend, out ServerState? server)
    {
        RunningProxies running = proxies();
        frontend = Array.Find(running.Frontends, plan => plan.State.Name == session.Frontend && plan.State.Mode == ProxyMode.Tcp);
        backend = running.FindBackend(session.Backend);
        server = backend?.Servers.FirstOrDefault(found => found.Model.Name == session.Server);
        return frontend is null ? $"there is no frontend '{session.Frontend}' here"
            : backend is null ? $"there is no backend '{session.Backend}' here"
            : server is null ? $"there is no server '{session.Backend}/{session.Server}' here"
            : null;
    }

    private static string Describe(string whose, RestoreResult result) =>
        result.IsDuplicate ? $"{whose} connection exists here already" : $"{whose} connection can't be restored ({result.FailedAt}: {result.Failure.Describe()})";

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
