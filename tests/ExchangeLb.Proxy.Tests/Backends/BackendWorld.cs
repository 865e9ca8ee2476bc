using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Net;
using ExchangeLb.Core.Balance;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Runtime;
using ExchangeLb.Proxy.Backends;
using ExchangeLb.Proxy.HandOver;
using ExchangeLb.Proxy.Logging;
using ExchangeLb.Proxy.Loops;
using ExchangeLb.Proxy.Sessions;
using Xunit;

namespace ExchangeLb.Proxy.Tests.Backends;

/// <summary>
/// One backend and the sessions that want its servers, as loops would play them, with all that must hold at any time checked by
/// <see cref="Check"/>. The loop is not started: the test reads its mailbox.
/// </summary>
internal sealed class BackendWorld : IDisposable
{
    private readonly BackendState _backend;
    private readonly EventLoop _loop;
    private readonly TrafficLog _log;
    private readonly ProcessState _process = new(1000, new NoStats(), ServerSideOptions.None);
    private readonly Dictionary<int, Waiter> _waiting = [];
    private readonly Dictionary<int, ServerState> _served = [];
    private int _nextTicket;
    private int _nextServer = 100;

    public BackendWorld(BalanceKind balance, params int[] maxConn)
    {
        var model = new BackendModel(1, "web")
        {
            Balance = balance,
            Servers = [.. maxConn.Select((limit, i) => new ServerModel(i + 1, $"s{i + 1}", IPAddress.Loopback, default) { MaxConn = limit, Check = true })],
        };
        _log = new TrafficLog(0, 1, _process);
        _loop = new EventLoop(0, _process, _log);
        _backend = new BackendState("web", 1);
        _backend.Become(new BackendPlan(0, _backend, model, [.. model.Servers.Select(server => new ServerState(_backend, server, 1))]));
    }

    public IReadOnlyList<ServerState> Servers => _backend.Plan.Servers;

    public int Waiting => _waiting.Count;

    public IReadOnlyCollection<int> Served => _served.Keys;

    public ImmutableArray<int> WaitingTickets => [.. _waiting.Keys];

    /// <summary>Sessions that found no usable server.</summary>
    public int Refused { get; private set; }

    /// <param name="wanted">The server that the client is stuck to; null: any.</param>
    public int Come(ServerState? wanted)
    {
        int ticket = _nextTicket++;
        Place(ticket, wanted);
        return ticket;
    }

    public void Finish(int ticket)
    {
        FinishUnnoticed(ticket);
        ReadMail();
    }

    /// <summary>The loop has not heard yet who got the place.</summary>
    public void FinishUnnoticed(int ticket)
    {
        Assert.True(_served.Remove(ticket, out ServerState? server));
        _backend.Release(server);
    }

    /// <summary>Another configuration: these servers stay, in this order, and so many new ones come behind them.</summary>
    public void Reload(BalanceKind balance, ServerState[] stay, int newMaxConn, int newCount)
    {
        ServerModel[] added =
        [
            .. Enumerable.Range(_nextServer, newCount).Select(i => new ServerModel(i, $"s{i}", IPAddress.Loopback, default) { MaxConn = newMaxConn, Check = true }),
        ];
        _nextServer += newCount;
        var model = new BackendModel(1, "web") { Balance = balance, Servers = [.. stay.Select(server => server.Model), .. added] };
        _backend.Become(new BackendPlan(0, _backend, model, [.. stay, .. added.Select(server => new ServerState(_backend, server, 1))]));
        ReadMail();
        Assert.DoesNotContain(_waiting.Values, waiter => waiter.Server is { } server && !Servers.Contains(server));
    }

    public void GiveUp(int ticket)
    {
        Assert.True(_waiting.Remove(ticket, out Waiter? waiter));
        _backend.Leave(waiter);
        ReadMail();
    }

    public void Change(ServerState server, ServerHealth health, int weight)
    {
        server.Health = health;
        server.Weight = weight;
        _backend.Refresh();
        ReadMail();
    }

    public void Check()
    {
        foreach (ServerState server in Servers)
        {
            int limit = server.Model.MaxConn;
            int served = _served.Values.Count(one => one == server);
            Assert.True(limit == 0 || served <= limit, $"{server.Model.Name} serves {served} of {limit}");
            bool room = limit == 0 || served < limit;
            Assert.False(room && server.ServesStuck && Of(server).Any(), $"{server.Model.Name} has room and a line");
            Assert.False(room && server.ServesAll && Of(null).Any(), $"{server.Model.Name} has room and the backend a line");
            Assert.Equal(Of(server).Count(), _backend.QueuedAt(server));
            Assert.True(server.ServesStuck || !Of(server).Any(), $"{server.Model.Name} is down and has a line");
        }
        Assert.Equal(Of(null).Count(), _backend.Queued);
    }

    public void Dispose()
    {
        _loop.Dispose();
        _log.Dispose();
    }

    private IEnumerable<Waiter> Of(ServerState? server) => _waiting.Values.Where(waiter => waiter.Server == server);

    private void Place(int ticket, ServerState? wanted)
    {
        Placement placement = _backend.Place(new SessionTicket(_loop, ticket, 1), wanted, 1, null);
        switch (placement.Kind)
        {
            case PlacementKind.Granted:
                _served.Add(ticket, placement.Server!);
                break;
            case PlacementKind.Queued:
                Assert.Equal(Of(placement.Server).Count(waiter => waiter.Node is not null), placement.Ahead);   // others have left, the mail is on its way
                _waiting.Add(ticket, placement.Waiter!);
                break;
            default:
                Assert.DoesNotContain(Servers, server => server.ServesAll);
                Refused++;
                break;
        }
    }

    private void ReadMail()
    {
        foreach (LoopMessage message in _loop.Mailbox.Drain().ToArray())
        {
            switch (message)
            {
                case LoopMessage.PlaceGranted(var ticket, var server):
                    Assert.True(_waiting.Remove(ticket.Index, out Waiter? granted), "granted twice, or to one that left");
                    Assert.True(granted.Server is null || granted.Server == server, "granted elsewhere");
                    Assert.DoesNotContain(Of(granted.Server), other => other.Node is not null && other.Sequence < granted.Sequence);
                    Assert.True(_backend.Accept(granted));
                    _served.Add(ticket.Index, server);
                    break;
                case LoopMessage.ChooseAgain(var ticket):
                    Assert.True(_waiting.Remove(ticket.Index), "sent away twice, or one that left");
                    Place(ticket.Index, null);
                    break;
            }
        }
    }
}
