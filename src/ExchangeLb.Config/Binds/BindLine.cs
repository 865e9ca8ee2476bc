using System.Globalization;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using ExchangeLb.Config.Keywords;
using ExchangeLb.Config.Lexing;
using ExchangeLb.Config.Proxies;
using ExchangeLb.Config.Values;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Config.Binds;

/// <summary>`bind [address]:port[-port][,…] [option …]` (configuration.txt, 4.2 and 5.1).</summary>
internal static class BindLine
{
    public static void Read(ProxyDraft proxy, Arguments arguments)
    {
        if (!arguments.TryText("address", out string addresses))
        {
            return;
        }
        BindDraft draft = new();
        arguments.Keyword = $"bind {addresses}";
        OptionList.Read(BindKeywords.Table, proxy.Kind, draft, arguments);
        arguments.Keyword = $"bind {addresses}";
        int before = proxy.Binds.Count;
        // A trailing comma is forgiven, as in HAProxy; an empty address elsewhere is not.
        foreach (string address in addresses.TrimEnd(',').Split(','))
        {
            Add(proxy, address, draft, arguments);
        }
        CheckId(proxy, draft.Id, before, arguments);
    }

    private static void CheckId(ProxyDraft proxy, int id, int before, Arguments arguments)
    {
        if (id == 0)
        {
            return;
        }
        if (proxy.Binds.Count - before > 1)
        {
            arguments.Alert($"gives id {id} to several addresses", "write a line for each");
        }
        else if (proxy.Binds.Take(before).FirstOrDefault(bind => bind.Id == id) is { } other)
        {
            arguments.Alert($"has id {id}, as line {other.Place.Line} already has", "choose another");
        }
    }

    /// <summary>Adds every port of one address.</summary>
    public static void Add(ProxyDraft proxy, string text, BindDraft draft, Arguments arguments)
    {
        if (text.Length == 0)
        {
            arguments.Alert("has an empty address", "is an environment variable missing?");
            return;
        }
        if (AddressText.TryCut(text, out AddressText cut) is { } problem)
        {
            arguments.Alert(problem, "write [address]:port, ports being 1 to 65535");
            return;
        }
        switch (cut.Kind)
        {
            case AddressTextKind.Descriptor:
                Append(proxy, draft, arguments, new BindModel(arguments.Place) { Descriptor = int.Parse(cut.Host, CultureInfo.InvariantCulture) });
                break;
            case AddressTextKind.Ip:
                AddPorts(proxy, text, cut, draft, arguments);
                break;
            default:
                arguments.Alert("has an address of a kind that is known, but not supported", "listen on an IP address and port");
                break;
        }
    }

    private static void AddPorts(ProxyDraft proxy, string text, AddressText cut, BindDraft draft, Arguments arguments)
    {
        if (cut.Port != PortKind.Fixed || cut.LowPort == 0)
        {
            arguments.Alert(cut.Port == PortKind.None ? $"lacks a port in '{text}'" : $"has no valid port in '{text}'", "write [address]:port, ports being 1 to 65535");
            return;
        }
        if (cut.Resolve(arguments.Context.Options.Resolve) is not { } address)
        {
            arguments.Alert($"has a host name that is not known: '{cut.Host}'", "write an address of this host, or * for all");
            return;
        }
        for (int port = cut.LowPort; port <= cut.HighPort; port++)
        {
            if (!Append(proxy, draft, arguments, new BindModel(arguments.Place) { Address = new IPEndPoint(address, port) }))
            {
                return;
            }
        }
    }

    private static bool Append(ProxyDraft proxy, BindDraft draft, Arguments arguments, BindModel bind)
    {
        if (++arguments.Context.Listeners > ReaderLimits.Listeners)
        {
            arguments.Alert("is one listening address too many", $"at most {ReaderLimits.Listeners} are possible, spread over all sections");
            return false;
        }
        bool six = bind.Address?.AddressFamily == AddressFamily.InterNetworkV6;
        proxy.Binds.Add(bind with
        {
            Id = draft.Id,
            Name = draft.Name,
            Interface = draft.Interface,
            MaxConn = draft.MaxConn,
            Backlog = draft.Backlog,
            V6Only = six && draft.V6Only,
            DualStack = six && draft.DualStack,
            Transparent = draft.Transparent,
        });
        return true;
    }
}
