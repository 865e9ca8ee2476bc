using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Text;
using ExchangeLb.Linux.Calls;
using ExchangeLb.Linux.Sockets;
using ExchangeLb.Proxy.Frontends;

namespace ExchangeLb.Proxy.Listening;

/// <summary>
/// All sockets on which a configuration listens. Immutable; the next configuration makes its own, which has the sockets of this one for
/// every `bind` that stays, whichever section it stands in, so that their queues are not touched.
/// </summary>
internal sealed class BindSet
{
    private readonly ImmutableArray<OpenBind> _binds;
    private readonly ImmutableArray<OpenBind> _opened;

    private BindSet(ImmutableArray<OpenBind> binds, ImmutableArray<OpenBind> opened, int left)
    {
        _binds = binds;
        _opened = opened;
        LeftCount = left;
    }

    public static BindSet None { get; } = new([], [], 0);

    /// <summary>Addresses that were not listened on before.</summary>
    public int OpenedCount => _opened.Length;

    /// <summary>Addresses of the set before that are not in this one.</summary>
    public int LeftCount { get; }

    /// <summary>
    /// Opens what <paramref name="before"/> has not; null when the host refuses something: nothing is left open then, and nothing has
    /// changed. No new socket listens before all are bound, or clients could be in the queue of one that is closed again.
    /// </summary>
    /// <param name="freeBind">Addresses that the host may not have yet.</param>
    /// <param name="buffers">Of the clients' connections.</param>
    /// <param name="atStart">Descriptors of the parent's may be taken (`fd@N`): later the number may be one of our own.</param>
    public static BindSet? TryOpen(
        FrontendPlan[] frontends, BindSet before, int loops, IReadOnlySet<IPAddress> freeBind, SocketBuffers buffers, bool atStart, DiagnosticList problems)
    {
        var free = before._binds.ToLookup(bind => BindKey.Of(bind.Model)).ToDictionary(alike => alike.Key, alike => new Queue<OpenBind>(alike));
        var binds = new List<OpenBind>();
        var opened = new List<OpenBind>();
        foreach (FrontendPlan frontend in frontends)
        {
            foreach (BindModel bind in frontend.Model.Binds)
            {
                if (free.TryGetValue(BindKey.Of(bind), out Queue<OpenBind>? stay) && stay.TryDequeue(out OpenBind? same))
                {
                    binds.Add(same with { Frontend = frontend, Model = bind });
                }
                else if (TryBind(frontend, bind, loops, freeBind, buffers, atStart, problems) is { } made)
                {
                    binds.Add(made);
                    opened.Add(made);
                }
            }
        }
        foreach (OpenBind bind in problems.HasAlerts ? [] : opened)
        {
            Listen(bind, problems);
        }
        if (problems.HasAlerts)
        {
            opened.ForEach(bind => bind.Close());
            return null;
        }
        return new BindSet([.. binds], [.. opened], free.Values.Sum(left => left.Count));
    }

    public ImmutableArray<Listener> ListenersOf(int loop) => [.. _binds.Select(bind => bind.ListenerOf(loop))];

    /// <summary>Closes what this set has opened; for when no loop has it yet.</summary>
    public void CloseOpened()
    {
        foreach (OpenBind bind in _opened)
        {
            bind.Close();
        }
    }

    private static OpenBind? TryBind(
        FrontendPlan frontend, BindModel bind, int loops, IReadOnlySet<IPAddress> freeBind, SocketBuffers buffers, bool atStart, DiagnosticList problems)
    {
        var descriptors = new List<int>();
        bool marked = freeBind.Count > 0 && bind.Descriptor < 0 && !bind.Transparent;
        bool v6 = bind.Address?.AddressFamily == AddressFamily.InterNetworkV6;
        for (int i = 0; i < loops; i++)
        {
            string? problem = null;
            int fd = bind.Descriptor < 0 ? ListenSocket.TryBind(bind, frontend.Model, freeBind, out problem)
                : atStart ? ListenSocket.Inherit(bind.Descriptor, out problem)
                : -1;
            if (fd < 0)
            {
                descriptors.ForEach(made => Descriptor.Close(made));
                Refuse(frontend, bind, problem ?? "an inherited descriptor can only be taken at the start", problems);
                return null;
            }
            buffers.Apply(fd);      // inherited by accepted sockets, and before the first one: a window's scale is settled by the handshake
            marked = marked && ListenSocket.TryMark(fd, v6);
            descriptors.Add(fd);
        }
        if (!marked && freeBind.Count > 0 && bind.Descriptor < 0 && !bind.Transparent)
        {
            descriptors.ForEach(made => ListenSocket.Unmark(made, v6));      // all of them, or none
        }
        return new OpenBind(frontend, bind, new BindState(loops) { IsMarked = marked, IsV6 = v6 }, [.. descriptors]);
    }

    private static void Listen(OpenBind bind, DiagnosticList problems)
    {
        foreach (int fd in bind.Model.Descriptor < 0 ? bind.Descriptors : [])
        {
            if (ListenSocket.TryListen(fd, bind.Model, bind.Frontend.Model) is { } problem)
            {
                Refuse(bind.Frontend, bind.Model, problem, problems);
                return;
            }
        }
    }

    private static void Refuse(FrontendPlan frontend, BindModel bind, string problem, DiagnosticList problems)
    {
        string kind = frontend.Proxy.Kind == ProxyKind.Listen ? "proxy" : "frontend";
        problems.Alert(null, $"Binding [{bind.Place}] for {kind} {frontend.Model.Name}: {problem} {ListenSocket.Describe(bind)}");
    }
}
