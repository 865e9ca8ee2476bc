using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using ExchangeLb.Core.Model;
using ExchangeLb.Linux.Repair;
using ExchangeLb.Proxy.Frontends;
using ExchangeLb.Proxy.Loops;

namespace ExchangeLb.Proxy.HandOver;

/// <summary>Makes a session of an image: finds its home in this node's configuration, and both connections' sockets. Any thread.</summary>
/// <param name="proxies">The configuration at work.</param>
internal sealed class SessionRestoring(ProcessState process, Func<RunningProxies> proxies)
{
    /// <summary>0: conntrack takes a connection that it has not seen beginning for invalid (nf_conntrack-sysctl.rst).</summary>
    private const string TcpLoose = "/proc/sys/net/netfilter/nf_conntrack_tcp_loose";

    /// <summary>
    /// Of sessions that go on while their image is on its way, and may say something meanwhile. Nothing is unacknowledged in these; of others a timestamp that is so
    /// far ahead would be taken for a round trip of 5 s, and the next loss mended after 15.
    /// </summary>
    private static readonly TimeSpan OnTheWay = TimeSpan.FromSeconds(5);

    private int _shared;
    private readonly Lazy<string?> _lack = new(FindLack);

    /// <summary>Why this host can't do it (kernel, capability); null: it can.</summary>
    public string? Lack => _lack.Value;

    /// <summary>The sockets stay in repair: nothing is sent.</summary>
    /// <param name="others">Restored before, and not yet counted among the connections.</param>
    /// <param name="waiting">The same of clients who wait in line.</param>
    /// <param name="frozen">It has said nothing since it was described.</param>
    /// <returns>Null, or why there is none: a limit, the kernel's refusal.</returns>
    public string? Open(SessionImage session, ImageClock now, int others, out AdoptedSession? adopted, int waiting = 0, bool frozen = false)
    {
        TimeSpan margin = frozen ? TimeSpan.Zero : OnTheWay;
        adopted = null;
        if (process.LackFor(session.Waits, others, waiting) is { } lack)
        {
            return lack;
        }
        RestoreResult client = TcpRestore.Open(session.Client, now, margin);
        if (!client.Ok)
        {
            return Describe("the client's", client);
        }
        RestoreResult? serverSide = session.ServerSide is { } other ? TcpRestore.Open(other, now, margin) : null;
        if (serverSide is { Ok: false } failed)
        {
            TcpDump.CloseFrozen(client.Socket.Fd);
            return Describe("the server's", failed);
        }
        adopted = new AdoptedSession(session, HomeOf(session), client.Socket, serverSide?.Socket, LoopClock.NowMs());
        return null;
    }

    /// <summary>Shares them out among the loops, those first in which something is on its way.</summary>
    /// <param name="ran">Called when all of these go on, and have sent what was in hand.</param>
    public void Run(List<AdoptedSession> adopted, Action ran)
    {
        RunOrder order = new(adopted.Count(session => session.IsAmid), ran);
        if (adopted.Count == 0)
        {
            return;
        }
        adopted = [.. adopted.OrderBy(session => !session.IsAmid)];
        FindHomes(adopted);
        int loops = process.Loops.Length;
        process.BeginAdopting(adopted.Count);
        int first = Interlocked.Add(ref _shared, adopted.Count);
        for (int i = 0; i < loops; i++)
        {
            List<AdoptedSession> share = [.. adopted.Where((_, index) => (uint)(first + index) % loops == i)];
            if (share.Count > 0 && !process.Loops[i].Post(new LoopMessage.RunAdopted(order, share, From: 0)))
            {
                share.ForEach(session => session.Drop());
                process.HaveAdopted(share.Count);
                order.HaveRun(share.Count(session => session.IsAmid));
            }
        }
    }

    /// <summary>A reload since they were opened may have given them another one.</summary>
    private void FindHomes(List<AdoptedSession> adopted)
    {
        RunningProxies running = proxies();
        for (int i = 0; i < adopted.Count; i++)
        {
            if (adopted[i].Home is not { } home || home.Of != running)
            {
                adopted[i] = adopted[i] with { Home = HomeOf(adopted[i].Image) };
            }
        }
    }

    private SessionHome? HomeOf(SessionImage session)
    {
        RunningProxies running = proxies();
        FrontendPlan? frontend = Array.Find(running.Frontends, plan => plan.State.Name == session.Frontend && plan.State.Mode == ProxyMode.Tcp);
        if (frontend is null)
        {
            return null;
        }
        if (session.Server.Length == 0)
        {
            return new SessionHome(frontend.State, null, running);
        }
        return running.FindBackend(session.Backend) is { } backend && backend.Servers.FirstOrDefault(found => found.Model.Name == session.Server) is { } server
            ? new SessionHome(frontend.State, new SessionPlace(backend, server), running)
            : null;
    }

    private static string? FindLack()
    {
        RepairSupport support = RepairSupport.Probe();
        return support.Works ? LackOfConntrack(TcpLoose) : support.Reason;
    }

    /// <param name="setting">The file of <see cref="TcpLoose"/>; not there: no conntrack.</param>
    internal static string? LackOfConntrack(string setting)
    {
        try
        {
            return File.Exists(setting) && File.ReadAllText(setting).Trim() == "0" ? $"conntrack takes connections of other nodes for invalid: echo 1 > {setting}" : null;
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string Describe(string whose, RestoreResult result) =>
        result.IsDuplicate ? $"{whose} connection exists here already" : $"{whose} connection can't be restored ({result.FailedAt}: {result.Failure.Describe()})";
}
