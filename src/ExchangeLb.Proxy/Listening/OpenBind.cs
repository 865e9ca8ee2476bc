using System.Collections.Immutable;
using System.Net;
using ExchangeLb.Core.Model;
using ExchangeLb.Linux.Calls;
using ExchangeLb.Proxy.Frontends;

namespace ExchangeLb.Proxy.Listening;

/// <summary>What a socket is, once and for all, by its `bind` line: two that are alike here can be one.</summary>
internal readonly record struct BindKey(IPEndPoint? Address, int Descriptor, string? Interface, bool DualStack, bool Transparent)
{
    public static BindKey Of(BindModel bind) =>
        new(bind.Address, bind.Descriptor, bind.Interface, bind.DualStack, bind.Transparent);
}

/// <summary>One `bind` of a configuration with its sockets, one a loop (an inherited one is the same for all). Immutable.</summary>
internal sealed record OpenBind(FrontendPlan Frontend, BindModel Model, BindState Shared, ImmutableArray<int> Descriptors)
{
    public Listener ListenerOf(int loop) => new(Frontend, Model, Shared, Descriptors[loop]);

    /// <summary>For sockets that no loop has yet.</summary>
    public void Close()
    {
        foreach (int fd in Model.Descriptor >= 0 ? Descriptors[..1] : Descriptors)
        {
            Descriptor.Close(fd);
        }
    }
}
