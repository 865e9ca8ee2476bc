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
        if (addresses.TrimEnd(',').Split(',').All(address => Add(proxy, address, draft, arguments)))
        {
            CheckId(proxy, draft.Id, before, arguments);
        }
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
        else if (!proxy.BindIds.TryAdd(id, arguments.Place))
        {
            arguments.Alert($"has id {id}, as line {proxy.BindIds[id].Line} already has", "choose another");
        }
    }

    /// <summary>Adds every port of one address. False after an alert.</summary>
    public static bool Add(ProxyDraft proxy, string text, BindDraft draft, Arguments arguments)
    {
        AddressText cut = AddressText.Nothing;
        string? problem = text.Length == 0
            ? "has an empty address; is an environment variable missing?" : AddressText.TryCut(text, out cut);
        if (problem is not null)
        {
            arguments.Alert(problem, "write [address]:port, ports being 1 to 65535");
            return false;
        }
        switch (cut.Kind)
        {
            case AddressTextKind.Descriptor:
                return Append(proxy, draft, arguments,
                    new BindModel(arguments.Place) { Descriptor = int.Parse(cut.Host, CultureInfo.InvariantCulture) });
            case AddressTextKind.Ip:
                return AddPorts(proxy, text, cut, draft, arguments);
            default:
                arguments.Alert("has an address of a kind that is known, but not supported", "listen on an IP address and port");
                return false;
        }
    }

    private static bool AddPorts(ProxyDraft proxy, string text, AddressText cut, BindDraft draft, Arguments arguments)
    {
        if (cut.Port != PortKind.Fixed || cut.LowPort == 0)
        {
            arguments.Alert(cut.Port == PortKind.None ? $"lacks a port in '{text}'" : $"has no valid port in '{text}'",
                "write [address]:port, ports being 1 to 65535");
            return false;
        }
        if (cut.Resolve(arguments.Context.Options.Resolve) is not { } address)
        {
            arguments.Alert($"has a host name that is not known: '{cut.Host}'", "write an address of this host, or * for all");
            return false;
        }
        return Enumerable.Range(cut.LowPort, cut.HighPort - cut.LowPort + 1)
            .All(port => Append(proxy, draft, arguments, new BindModel(arguments.Place) { Address = new IPEndPoint(address, port) }));
    }

    private static bool Append(ProxyDraft proxy, BindDraft draft, Arguments arguments, BindModel bind)
    {
        if (++arguments.Context.Listeners > ReaderLimits.Listeners)
        {
            arguments.Alert("is one listening address too many",
                $"at most {ReaderLimits.Listeners} are possible, spread over all sections");
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
