using System;
using System.Collections.Generic;
using System.IO;
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
internal sealed class MovableSessions(ProcessState process, Func<RunningProxies> proxies) : IMovableSessions
{
    /// <summary>0: conntrack takes a connection that it has not seen beginning for invalid (nf_conntrack-sysctl.rst).</summary>
    private const string TcpLoose = "/proc/sys/net/netfilter/nf_conntrack_tcp_loose";

    private readonly Lazy<string?> _lack = new(FindLack);
    private readonly Lock _gate = new();
    private readonly Dictionary<IPAddress, List<AdoptedSession>> _adopted = [];

    public string? Lack => _lack.Value;

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
        Keep(address, new AdoptedSession(session, HomeOf(session), client.Socket, serverSide?.Socket));
        return null;
    }

    public int Run(IPAddress address)
    {
        List<AdoptedSession> adopted = Take(address);
        int loops = process.Loops.Length;
        for (int i = 0; i < loops; i++)
        {
            List<AdoptedSession> share = [.. adopted.Where((_, index) => index % loops == i)];
            if (share.Count > 0 && !process.Loops[i].Post(new LoopMessage.RunAdopted(share, From: 0)))
            {
                share.ForEach(session => session.Drop());
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

    private static string? FindLack()
    {
        RepairSupport support = RepairSupport.Probe();
        if (!support.Works)
        {
            return support.Reason;
        }
        try
        {
            return File.Exists(TcpLoose) && File.ReadAllText(TcpLoose).Trim() == "0"
                ? $"conntrack takes connections of other nodes for invalid: echo 1 > {TcpLoose}"
                : null;
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static bool Serves(FrontendPlan frontend, IPAddress address) =>
        frontend.Model.Binds.Any(bind => bind.Address is { } bound
            && (bound.Address.Equals(address) || bound.Address.Equals(IPAddress.Any) || bound.Address.Equals(IPAddress.IPv6Any)));

    private SessionHome? HomeOf(SessionImage session)
    {
        RunningProxies running = proxies();
        FrontendPlan? frontend = Array.Find(running.Frontends, plan => plan.State.Name == session.Frontend && plan.State.Mode == ProxyMode.Tcp);
        return frontend is not null && running.FindBackend(session.Backend) is { } backend
            && backend.Servers.FirstOrDefault(found => found.Model.Name == session.Server) is { } server
                ? new SessionHome(frontend.State, backend, server)
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
